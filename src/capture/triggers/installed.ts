import type { Schemas } from '../../config/schemas.ts'
import type { Sql } from '../../database/sql.ts'
import { CONTEXT_FUNCTION, PREFIX, READY_FUNCTION, RECONCILE_FUNCTION } from '../shown/names.ts'
import { NEW_ROWS, OLD_ROWS } from './function-body.ts'
import { goneColumns } from './gone.ts'
import { parseComment, type TriggerEvent } from './objects.ts'

/** A trigger as the catalog has it. */
export interface InstalledTrigger {
  readonly name: string
  readonly schema: string
  readonly table: string
  readonly event: TriggerEvent | 'other'
  /** False when it is disabled, or fires in replicas alone. */
  readonly enabled: boolean
  /** Whether it sees the rows of its statement under the names the function uses. */
  readonly rows: boolean
}

/** A function of ours as the catalog has it, with the triggers that call it. */
export interface InstalledFunction {
  readonly name: string
  readonly body: string
  /** Whether it runs with its owner's rights. */
  readonly definer: boolean
  readonly settings: readonly string[]
  readonly comment: string | null
  readonly triggers: readonly InstalledTrigger[]
  /** Columns that it names and the database does not have, as `schema.table.column`. */
  readonly gone: readonly string[]
}

/** Bits of pg_trigger.tgtype for AFTER ... FOR EACH STATEMENT (src/include/catalog/pg_trigger.h). */
const EVENTS: Readonly<Record<number, TriggerEvent>> = {
  4: 'INSERT',
  8: 'DELETE',
  16: 'UPDATE',
  32: 'TRUNCATE',
}

interface Row {
  readonly name: string
  readonly body: string
  readonly definer: boolean
  readonly settings: readonly string[] | null
  readonly comment: string | null
  readonly trigger: string | null
  readonly schema: string
  readonly table: string
  readonly type: number
  readonly enabled: string
  readonly new_rows: string | null
  readonly old_rows: string | null
}

/** Reads the library's functions and triggers from the catalog, and what of the host's tables they miss. */
export async function readInstalled(sql: Sql, schemas: Schemas): Promise<readonly InstalledFunction[]> {
  const functions = await readFunctions(sql, schemas)
  const gone = await goneColumns(sql, functions)
  return functions.map((one) => ({ ...one, gone: gone.get(one.name) ?? [] }))
}

async function readFunctions(
  sql: Sql,
  schemas: Schemas,
): Promise<readonly Omit<InstalledFunction, 'gone'>[]> {
  const rows = await sql.query<Row>(
    `select p.proname::text as name, p.prosrc as body, p.prosecdef as definer, p.proconfig as settings,
       obj_description(p.oid, 'pg_proc') as comment,
       t.tgname::text as trigger, cn.nspname::text as schema, c.relname::text as "table", t.tgtype::int as type,
       t.tgenabled::text as enabled, t.tgnewtable::text as new_rows, t.tgoldtable::text as old_rows
     from pg_catalog.pg_proc p
     join pg_catalog.pg_namespace n on n.oid = p.pronamespace
     left join pg_catalog.pg_trigger t on t.tgfoid = p.oid and not t.tgisinternal
     left join pg_catalog.pg_class c on c.oid = t.tgrelid
     left join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
     where n.nspname = $1 and (p.proname like $2 or p.proname = any ($3))
     order by p.proname, t.tgname`,
    [
      schemas.library,
      `${PREFIX.replace('_', '\\_')}on\\_%`,
      [CONTEXT_FUNCTION, READY_FUNCTION, RECONCILE_FUNCTION],
    ],
  )
  const functions = new Map<string, Omit<InstalledFunction, 'gone'> & { triggers: InstalledTrigger[] }>()
  for (const row of rows) {
    const { name, body, definer, comment } = row
    const present = functions.get(name) ?? {
      ...{ name, body, definer, comment },
      settings: row.settings ?? [],
      triggers: [],
    }
    functions.set(name, present)
    if (row.trigger !== null) present.triggers.push(toTrigger(row, row.trigger))
  }
  return [...functions.values()]
}

/**
 * The targets whose changes triggers capture in this database: every statement that changes rows of the
 * mirrored table has its trigger, and it is enabled. This is what capture mode `auto` goes by.
 */
export async function installedTargets(sql: Sql, schemas: Schemas): Promise<ReadonlySet<string>> {
  const targets = new Set<string>()
  for (const one of await readFunctions(sql, schemas)) {
    const working = new Set(one.triggers.filter((trigger) => trigger.enabled).map((trigger) => trigger.event))
    const complete = working.has('INSERT') && working.has('UPDATE') && working.has('DELETE')
    if (complete) for (const name of parseComment(one.comment)?.mirrored ?? []) targets.add(name)
  }
  return targets
}

function toTrigger(row: Row, name: string): InstalledTrigger {
  const event = EVENTS[row.type] ?? 'other'
  return {
    name,
    schema: row.schema,
    table: row.table,
    event,
    // 'O': fires where writes originate, 'A': always.
    enabled: row.enabled === 'O' || row.enabled === 'A',
    rows:
      (event === 'TRUNCATE' || event === 'DELETE' || row.new_rows === NEW_ROWS) &&
      (event === 'TRUNCATE' || event === 'INSERT' || row.old_rows === OLD_ROWS),
  }
}
