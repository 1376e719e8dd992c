import type { Operation } from '../../change/change.ts'
import { encodeRecordId } from '../../model/record-id.ts'
import { type ChangedRow, readAfter } from './after.ts'
import { type Before, NOTHING_BEFORE, type PrismaRecord, readBefore } from './before.ts'
import type { CallPlan } from './call-plan.ts'
import { columnValues } from './column-values.ts'
import { execute } from './execute.ts'
import { idNamedIn } from './named.ts'
import type { WriteOperation } from './operations.ts'
import { givesUndefined, isRefusal, refuse } from './refuse.ts'
import { findRekeyed } from './rekeyed.ts'
import { type Row, rowKey } from './rows.ts'
import type { HookCall, PrismaTransaction } from './seam.ts'
import type { Tracked, TrackedTable } from './tracked.ts'
import type { TransactionReader } from './transaction-reader.ts'
import type { AnswerRules } from './widen.ts'

/** What a write answered and everything it changed that a target can show. */
export interface Followed {
  readonly result: unknown
  readonly changes: readonly ChangedRow[]
}

/**
 * Runs a write and follows what it changes: the records of its own model from its answer, all others by reads
 * before and after it in the same transaction.
 *
 * @param reader reads in that transaction
 * @param unsearched tables that are too large to be searched
 */
export async function follow(
  tracked: Tracked,
  plan: CallPlan,
  call: HookCall,
  transaction: PrismaTransaction,
  reader: TransactionReader,
  rules: AnswerRules,
  unsearched: ReadonlySet<TrackedTable>,
): Promise<Followed> {
  const { model, fields, scope, reach } = plan
  if (rules.strict && givesUndefined(call)) return refuse(call, transaction)
  const reads = scope.kind !== 'none' || reach.named.length > 0
  const before = reads ? await readOrRefuse(tracked, plan, call, transaction, reader) : NOTHING_BEFORE
  const many = scope.kind === 'many' ? before.roots : null
  const { result, records } = await execute({ call, model, transaction, fields, rules, named: many })
  const rows = records.map((record) => rowOf(tracked, plan, record))
  if (rows.length === 0) rows.push(...(await rekeyedRows(tracked, plan, before, reader, unsearched)))
  const own = rootChanges(tracked, plan, call, before, rows)
  if (reach.touches.length === 0 && before.others.length === 0) return { result, changes: own }
  const roots = own.flatMap(({ after }) => (after === null ? [] : [after.values]))
  return {
    result,
    changes: [...own, ...(await readAfter(tracked, reader, reach, before, roots, unsearched))],
  }
}

/**
 * Reads what the arguments name. Arguments that are wrong are the caller's mistake, and the write itself says so
 * in Prisma's words for it.
 */
async function readOrRefuse(
  tracked: Tracked,
  plan: CallPlan,
  call: HookCall,
  transaction: PrismaTransaction,
  reader: TransactionReader,
): Promise<Before> {
  try {
    return await readBefore(tracked, reader, plan)
  } catch (error) {
    if (isRefusal(error)) return refuse(call, transaction, error)
    throw error
  }
}

function rowOf({ dataModel }: Tracked, { table, model, fields }: CallPlan, record: PrismaRecord): Row {
  return {
    table,
    values: columnValues(dataModel, model, fields, record),
    id: table.own.length > 0 ? encodeRecordId(model, record) : null,
  }
}

/** The record of an update whose answer is nothing, because a relation changed its key. */
async function rekeyedRows(
  tracked: Tracked,
  plan: CallPlan,
  before: Before,
  reader: TransactionReader,
  unsearched: ReadonlySet<TrackedTable>,
): Promise<readonly Row[]> {
  const { rekeyed, table } = plan
  const [root] = before.roots ?? []
  if (rekeyed === null || root === undefined) return []
  const found = await findRekeyed(reader, rekeyed, rowOf(tracked, plan, root).values)
  if (found.length > 0 || !rekeyed.unknown || unsearched.has(table)) return found
  return reader.rows([{ table, by: { kind: 'search' }, from: [], writtenOnly: true }])
}

/** The changes of the write's own records, old and new ids both. */
function rootChanges(
  tracked: Tracked,
  plan: CallPlan,
  call: HookCall,
  before: Before,
  rows: readonly Row[],
): ChangedRow[] {
  const operation = call.operation as WriteOperation
  const roots = (before.roots ?? []).map((root) => rowOf(tracked, plan, root))
  const old = new Map(roots.map((row) => [rowKey(row), row]))
  if (operation === 'delete' || operation === 'deleteMany') {
    for (const row of rows) old.set(rowKey(row), row)
    return [...old.values()].map((row) => ({ before: row, after: null, operation: 'delete' }))
  }
  const changes: ChangedRow[] = rows.map((after) => {
    const key = rowKey(after)
    const known = old.get(key) ?? (before.roots === null ? namedRow(plan, call) : null)
    old.delete(key)
    return { before: known, after, operation: KINDS[operation] }
  })
  // A record that is not there under its old id has got another one. After an update all old records were written.
  for (const row of old.values()) changes.unshift({ before: row, after: null, operation: 'delete' })
  return changes
}

/**
 * The record as an update's `where` names it, which nothing was read for: the database itself may have given it another
 * id, and then the one that was named is gone.
 */
function namedRow({ table, model }: CallPlan, { operation, args }: HookCall): Row | null {
  if (operation !== 'update' || table.own.length === 0 || table.related.length > 0) return null
  const id = idNamedIn(model, args?.where as Readonly<Record<string, unknown>> | undefined)
  return id === null ? null : { table, values: {}, id }
}

const KINDS: Readonly<Record<WriteOperation, Operation>> = {
  create: 'create',
  createMany: 'create',
  createManyAndReturn: 'create',
  update: 'update',
  updateMany: 'update',
  updateManyAndReturn: 'update',
  upsert: 'upsert',
  delete: 'delete',
  deleteMany: 'delete',
}
