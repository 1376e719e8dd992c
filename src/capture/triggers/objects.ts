import type { Schemas } from '../../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../../database/quote.ts'
import type { DataModel } from '../../model/data-model.ts'
import type { Target } from '../../model/target.ts'
import { functionName, functionSql, TRIGGER_NAMES, tableSql } from '../shown/names.ts'
import { planTriggers, type RowOperation, type TablePlan } from '../shown/plan.ts'
import { functionBody, NEW_ROWS, neededOperations, OLD_ROWS } from './function-body.ts'
import { type HelperFunction, helperFunctions } from './helper-functions.ts'

/** What the triggers of a configuration are made from. */
export interface TriggerConfig {
  readonly dataModel: DataModel
  readonly targets: readonly Target[]
  readonly schemas: Schemas
}

/** What fires a trigger. */
export type TriggerEvent = RowOperation | 'TRUNCATE'

/** The triggers of one table and the function behind them, as the configuration wants them. */
export interface WantedTable {
  readonly plan: TablePlan
  /** Postgres schema of the table. */
  readonly schema: string
  readonly table: string
  /** Name of the function. */
  readonly function: string
  readonly body: string
  readonly comment: string
  readonly events: readonly TriggerEvent[]
}

/** Every database object that the configuration wants, apart from `sync_publish`. */
export interface WantedObjects {
  readonly helpers: readonly HelperFunction[]
  readonly tables: readonly WantedTable[]
}

/** What the comment on a trigger function says, for `auto` mode and for people. */
export interface FunctionComment {
  /** Targets whose mirrored records are this table's rows. */
  readonly mirrored: readonly string[]
  /** Targets that show something of this table's rows. */
  readonly shown: readonly string[]
  /** {@link TRIGGER_VERSION} of the library that made it. */
  readonly version: number
}

/**
 * Version of what is generated here. To be raised with every change of the text of the functions, so that those of an
 * older version are told from those that somebody edited.
 */
const TRIGGER_VERSION = 2

/** Settings of every function, as pg_proc.proconfig has them: nothing is found but by its full name. */
export const FUNCTION_SETTINGS = ['search_path=pg_catalog, pg_temp'] as const

const COMMENT_PREFIX = 'writeback '

/**
 * What the configuration wants in the database.
 * @throws WritebackError `CONFIG_INVALID` for a target whose model is unknown or has no usable id
 */
export function wantedObjects({ dataModel, targets, schemas }: TriggerConfig): WantedObjects {
  const tables = planTriggers(dataModel, targets).map((plan) => ({
    plan,
    schema: plan.schema ?? schemas.library,
    table: plan.table,
    function: functionName(plan),
    body: functionBody(dataModel, schemas, plan),
    comment: commentOf(plan),
    events: [...neededOperations(plan), 'TRUNCATE' as const],
  }))
  return { helpers: helperFunctions(schemas), tables }
}

/** Reads a function's comment; null when it is none of ours. */
export function parseComment(comment: string | null): FunctionComment | null {
  if (!comment?.startsWith(COMMENT_PREFIX)) return null
  try {
    // The first version said nothing of itself.
    const { mirrored = [], shown = [], version = 1 } = JSON.parse(comment.slice(COMMENT_PREFIX.length))
    return { mirrored, shown, version }
  } catch {
    return null
  }
}

/** Creates or replaces a shared function. */
export function createHelperSql(helper: HelperFunction, schemas: Schemas): string {
  return `create or replace function ${functionSql(helper.name, schemas)}(${helper.parameters})
${helper.attributes} set search_path = pg_catalog, pg_temp as ${dollarQuoted(helper.body)};`
}

/**
 * Creates or replaces a table's function and its triggers.
 *
 * The function runs with its owner's rights: a program that may write the table needs none on the queue, and
 * row-level security does not hide the mirrored records from it. It can be called by triggers alone, nobody
 * but its owner may make a trigger of it, and its search path is fixed.
 */
export function createTableSql(wanted: WantedTable, schemas: Schemas): string {
  const name = functionSql(wanted.function, schemas)
  const table = tableSql(wanted, schemas)
  const statements = [
    `create or replace function ${name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as ${dollarQuoted(wanted.body)};`,
    `revoke all on function ${name}() from public;`,
    `comment on function ${name}() is ${quoteLiteral(wanted.comment)};`,
  ]
  for (const event of Object.keys(TRIGGER_NAMES) as TriggerEvent[]) {
    const trigger = quoteIdentifier(TRIGGER_NAMES[event])
    statements.push(`drop trigger if exists ${trigger} on ${table};`)
    if (!wanted.events.includes(event)) continue
    statements.push(
      `create trigger ${trigger} after ${event.toLowerCase()} on ${table}${referencing(event)}
  for each statement execute function ${name}();`,
    )
  }
  return statements.join('\n')
}

/** Removes a function and the triggers that call it. */
export function dropFunctionSql(name: string, schemas: Schemas): string {
  return `drop function if exists ${functionSql(name, schemas)}() cascade;`
}

function referencing(event: TriggerEvent): string {
  const tables = {
    INSERT: ` referencing new table as ${NEW_ROWS}`,
    UPDATE: ` referencing old table as ${OLD_ROWS} new table as ${NEW_ROWS}`,
    DELETE: ` referencing old table as ${OLD_ROWS}`,
    TRUNCATE: '',
  }
  return tables[event]
}

function commentOf(plan: TablePlan): string {
  const names = (kind: 'own' | 'related') => [
    ...new Set(plan.causes.filter((cause) => cause.kind === kind).map((cause) => cause.target.name)),
  ]
  const comment: FunctionComment = {
    mirrored: names('own'),
    shown: names('related'),
    version: TRIGGER_VERSION,
  }
  return `${COMMENT_PREFIX}${JSON.stringify(comment)}`
}

/** A function body between dollar quotes that it does not contain. */
function dollarQuoted(body: string): string {
  let tag = '$sync$'
  for (let at = 1; body.includes(tag); at++) tag = `$sync${at}$`
  return `${tag}${body}${tag}`
}
