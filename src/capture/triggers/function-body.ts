import type { Schemas } from '../../config/schemas.ts'
import { quoteIdentifier, quoteLiteral } from '../../database/quote.ts'
import type { DataModel } from '../../model/data-model.ts'
import { PUBLISH_ALL_FUNCTION } from '../../queue/publish-all-function.ts'
import { PUBLISH_FUNCTION } from '../../queue/publish-function.ts'
import { RELATED_FUNCTION } from '../../queue/related-function.ts'
import { ALL } from '../shown/columns.ts'
import { linkValueColumns, mirroredQuery } from '../shown/mirrored-query.ts'
import {
  CONTEXT_FUNCTION,
  functionSql,
  READY_FUNCTION,
  RECONCILE_FUNCTION,
  tableSql,
} from '../shown/names.ts'
import {
  type OwnRows,
  type RelatedRows,
  ROW_OPERATIONS,
  type RowOperation,
  type TablePlan,
} from '../shown/plan.ts'
import { recordIdSql } from '../shown/record-id-sql.ts'
import { causeName, needsSecondLook } from '../shown/second-look.ts'
import { differsSql, pairedSql } from './row-difference.ts'

/** Names under which a trigger's function sees the rows of its statement. */
export const NEW_ROWS = 'sync_new'
export const OLD_ROWS = 'sync_old'

/** Where the statements of a function body find things. */
interface Scope {
  readonly dataModel: DataModel
  readonly schemas: Schemas
  readonly plan: TablePlan
}

/**
 * The plpgsql body of a table's trigger function. For every statement it collects the ids of the records that look
 * different now in the targets that show the table's rows, and publishes them in one call. Targets go in the order of their names, as everywhere: writers that lock in one order cannot deadlock.
 */
export function functionBody(dataModel: DataModel, schemas: Schemas, plan: TablePlan): string {
  const scope = { dataModel, schemas, plan }
  const branches = ROW_OPERATIONS.map((operation) => ({
    when: operation as string,
    body: targetBlocks(scope, operation),
  }))
  branches.push({ when: 'TRUNCATE', body: truncateBlock(scope) })
  const filled = branches.filter((branch) => branch.body !== '')
  return `
declare${byTarget(plan).size > 1 ? '\n  v_at integer[];' : ''}
  v_ids text[];
  v_operations text[];
  v_rows jsonb;
begin
  if not ${functionSql(READY_FUNCTION, schemas)}() then return null; end if;
${filled.map(({ when, body }, at) => `  ${at === 0 ? 'if' : 'elsif'} tg_op = '${when}' then\n${body}`).join('\n')}
  end if;
  return null;
end
`
}

/** Which statements the table needs triggers for. */
export function neededOperations(plan: TablePlan): readonly RowOperation[] {
  return ROW_OPERATIONS.filter((operation) => plan.causes.some((cause) => appliesTo(cause, operation)))
}

function appliesTo(cause: OwnRows | RelatedRows, operation: RowOperation): boolean {
  return cause.kind === 'own' || cause.operations.includes(operation)
}

/** What publishes the changes of one statement: all targets that it touches in one call. */
function targetBlocks(scope: Scope, operation: RowOperation): string {
  const groups = [...byTarget(scope.plan)].flatMap(([name, causes]) => {
    const applying = causes.filter((cause) => appliesTo(cause, operation))
    const [first] = applying
    return first ? [{ name, target: first.target, causes: applying }] : []
  })
  if (groups.length === 0) return ''
  const looks = groups.flatMap(({ causes }) => causes.flatMap((cause) => secondLook(scope, cause, operation)))
  const publish = groups.length === 1 ? publishForOne : publishForAll
  return [publish(scope, groups, operation), ...looks].join('\n').replace(/^\n/, '')
}

/** The causes of one target that apply to a statement. */
interface TargetCauses {
  readonly name: string
  readonly target: OwnRows['target']
  readonly causes: readonly (OwnRows | RelatedRows)[]
}

function queryOf(scope: Scope, cause: OwnRows | RelatedRows, operation: RowOperation): string {
  return cause.kind === 'own' ? ownQuery(scope, cause, operation) : relatedQuery(scope, cause, operation)
}

function publishForOne(scope: Scope, groups: readonly TargetCauses[], operation: RowOperation): string {
  const { name, target, causes } = groups[0] as TargetCauses
  const select = `select array_agg(c.id), array_agg(c.operation) into v_ids, v_operations
    from (
${causes.map((cause) => queryOf(scope, cause, operation)).join('\n      union all\n')}
    ) as c (id, operation);`
  return `
${guarded(select)}
    if v_ids is not null then
      perform ${functionSql(PUBLISH_FUNCTION, scope.schemas)}(
        ${quoteLiteral(name)}, ${quoteLiteral(target.model)}, ${laneSql(scope, name)},
        v_ids, v_operations, ${functionSql(CONTEXT_FUNCTION, scope.schemas)}()
      );
    end if;`
}

/** Rows that several targets show are looked for once. Targets have numbers, in the order of their names. */
function publishForAll(scope: Scope, groups: readonly TargetCauses[], operation: RowOperation): string {
  const numbered = groups.map((group, at) => ({ ...group, number: at + 1 }))
  const owners = numbered.filter(({ causes }) => causes.some(({ kind }) => kind === 'own'))
  const own = owners[0]?.causes.find((cause) => cause.kind === 'own')
  const parts = numbered.flatMap(({ number, causes }) =>
    causes
      .filter(({ kind }) => kind !== 'own')
      .map(
        (cause) => `      select ${number}, r.* from (
${queryOf(scope, cause, operation)}
      ) as r`,
      ),
  )
  // Of two operations of a record the own row's counts: it comes last.
  if (own)
    parts.push(`      select t.at, r.* from (
${queryOf(scope, own, operation)}
      ) as r cross join (values ${owners.map(({ number }) => `(${number})`).join(', ')}) as t (at)`)
  const select = `select array_agg(c.at), array_agg(c.id), array_agg(c.operation) into v_at, v_ids, v_operations
    from (
${parts.join('\n      union all\n')}
    ) as c (at, id, operation);`
  const texts = (of: (group: TargetCauses) => string) =>
    `array[${groups.map((group) => quoteLiteral(of(group))).join(', ')}]`
  return `
${guarded(select)}
    if v_ids is not null then
      perform ${functionSql(PUBLISH_ALL_FUNCTION, scope.schemas)}(
        ${texts(({ name }) => name)}, ${texts(({ target }) => target.model)}, null,
        v_at, v_ids, v_operations, ${functionSql(CONTEXT_FUNCTION, scope.schemas)}()
      );
    end if;`
}

/**
 * A statement that names tables and columns of the host, which may have changed since. What Postgres says then is about a
 * column that the host's own statement does not mention, so that the error says whose it is and what to do. The block's
 * subtransaction is cheap as long as it only reads: it gets no number.
 */
function guarded(statement: string): string {
  return `    begin
    ${statement}
    exception when syntax_error_or_access_rule_violation or invalid_schema_name then
      raise exception using
        errcode = ${quoteLiteral(OUTDATED_STATE)},
        message = format(${quoteLiteral(OUTDATED_MESSAGE)}, tg_relid::regclass, sqlerrm),
        hint = ${quoteLiteral(OUTDATED_HINT)};
    end;`
}

/** SQLSTATE of a write that its table's triggers no longer fit. */
const OUTDATED_STATE = 'SY002'
/** Prisma shows the message alone, so that the command is in it. */
const OUTDATED_MESSAGE =
  'the triggers of prisma-writeback do not fit table %s any more: %s. Run "writeback triggers" and deploy its migration'
const OUTDATED_HINT =
  'A table or column that they name was renamed or dropped. "writeback triggers --check" tells which'

/** Asks for a second look at who shows the changed rows, where the first cannot see everybody. */
function secondLook(scope: Scope, cause: OwnRows | RelatedRows, operation: RowOperation): string[] {
  if (cause.kind === 'own' || !needsSecondLook(scope.dataModel, cause)) return []
  const columns = linkValueColumns(cause)
  const row = columns.map((column, at) => `${quoteLiteral(column)}, v.v${at + 1}`).join(', ')
  const known = columns.map((_, at) => `v.v${at + 1} is not null`).join(' and ')
  const select = `select jsonb_agg(distinct jsonb_build_object(${row})) into v_rows
    from ${linkValues(scope, cause, operation)}
    where ${known};`
  return [
    `
${guarded(select)}
    if v_rows is not null then
      perform ${functionSql(RELATED_FUNCTION, scope.schemas)}(
        ${quoteLiteral(cause.target.name)}, ${quoteLiteral(causeName(cause))}, v_rows
      );
    end if;`,
  ]
}

/**
 * The lane comes from the table of targets: the place differs between a test system and the real one.
 * Before a target is registered its name stands in, for a job without a group could not be held back.
 */
function laneSql(scope: Scope, target: string): string {
  const table = tableSql({ schema: null, table: 'sync_target' }, scope.schemas)
  const name = quoteLiteral(target)
  return `coalesce((select t.lane from ${table} t where t.name = ${name}), ${name})`
}

/** A truncated table says nothing of its rows, so that the whole target has to be compared. */
function truncateBlock({ plan, schemas }: Scope): string {
  return [...byTarget(plan).keys()]
    .map((name) => `    perform ${functionSql(RECONCILE_FUNCTION, schemas)}(${quoteLiteral(name)});`)
    .join('\n')
}

function byTarget(plan: TablePlan): Map<string, (OwnRows | RelatedRows)[]> {
  const groups = new Map<string, (OwnRows | RelatedRows)[]>()
  for (const cause of plan.causes) {
    const group = groups.get(cause.target.name)
    if (group) group.push(cause)
    else groups.set(cause.target.name, [cause])
  }
  return groups
}

/**
 * The mirrored records themselves. Old and new rows are paired by their key: a key that is there no more was
 * a record that is gone, a new one is a new record, whatever the statement was.
 */
function ownQuery({ dataModel, plan }: Scope, { model }: OwnRows, operation: RowOperation): string {
  const id = (alias: string) => recordIdSql(dataModel, model, alias)
  const comment = `      -- ${model.name} itself`
  if (operation === 'INSERT') return `${comment}\n      select ${id('n')}, 'create' from ${NEW_ROWS} n`
  if (operation === 'DELETE') return `${comment}\n      select ${id('o')}, 'delete' from ${OLD_ROWS} o`
  const [column] = plan.key.map(quoteIdentifier)
  return `${comment}
      select
        case when n.${column} is null then ${id('o')} else ${id('n')} end,
        case when o.${column} is null then 'create' when n.${column} is null then 'delete' else 'update' end
      from ${NEW_ROWS} n full join ${OLD_ROWS} o on ${pairedSql(plan.key)}
      where ${differsSql(plan.key, ALL)}`
}

/** The mirrored records that show a row of this table. */
function relatedQuery(scope: Scope, cause: RelatedRows, operation: RowOperation): string {
  return mirroredQuery(scope.dataModel, scope.schemas, cause, linkValues(scope, cause, operation))
}

/** What the changed rows say about the rows next to them, before and after: columns v1, v2, ... */
function linkValues({ plan }: Scope, cause: RelatedRows, operation: RowOperation): string {
  const columns = linkValueColumns(cause)
  const names = columns.map((_, at) => `v${at + 1}`).join(', ')
  const of = (alias: string) => columns.map((column) => `${alias}.${quoteIdentifier(column)}`).join(', ')
  if (operation === 'INSERT') return `(select ${of('n')} from ${NEW_ROWS} n) as v (${names})`
  if (operation === 'DELETE') return `(select ${of('o')} from ${OLD_ROWS} o) as v (${names})`
  return `(
        select u.*
        from ${NEW_ROWS} n full join ${OLD_ROWS} o on ${pairedSql(plan.key)}
        cross join lateral (select ${of('n')} union select ${of('o')}) as u
        where ${differsSql(plan.key, cause.columns)}
      ) as v (${names})`
}
