import type { Operation } from '../change/change.ts'
import type { Model } from '../model/data-model.ts'
import { encodeRecordId } from '../model/record-id.ts'
import type { ChangedRecord } from '../queue/publish.ts'
import { fluentPath, type HookCall, type PrismaTransaction, run } from './seam.ts'
import { strip, widen } from './widen.ts'

/** What a write answered, and which records of its own model it changed. */
export interface Execution {
  readonly result: unknown
  readonly changes: readonly ChangedRecord[]
}

/** Prisma's operations that write records of a model. */
export const WRITES = [
  'create',
  'createMany',
  'createManyAndReturn',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
  'delete',
  'deleteMany',
] as const
export type WriteOperation = (typeof WRITES)[number]

type Row = Readonly<Record<string, unknown>>
type Args = Record<string, unknown>

/** Ids that one statement may name: Postgres takes 65,535 parameters, Prisma's own queries need some. */
const IDS_PER_STATEMENT = 10_000

/**
 * Runs a write so that the ids of the records it changes are known, and gives the caller what the plain
 * client would have given.
 *
 * @param call the hooked call; its operation is one of {@link WRITES}
 * @param model the call's model
 * @param transaction the interactive transaction to run in
 * @param hidden fields that the client's own `omit` option hides
 */
export async function execute(
  call: HookCall,
  model: Model,
  transaction: PrismaTransaction,
  hidden: ReadonlySet<string>,
): Promise<Execution> {
  const context: Context = { call, model, transaction, hidden, args: call.args ?? {} }
  switch (call.operation as WriteOperation) {
    case 'create':
      return returning(context, 'create')
    case 'delete':
      return returning(context, 'delete')
    case 'update':
    case 'upsert':
      return changesKey(model, writtenData(context)) ? movingOne(context) : returning(context, call.operation)
    case 'createManyAndReturn':
      return returning(context, 'create')
    case 'updateManyAndReturn':
      return changesKey(model, context.args.data) ? movingMany(context) : returning(context, 'update')
    case 'createMany':
      return counting(context, 'createManyAndReturn', 'create')
    case 'updateMany':
      return changesKey(model, context.args.data)
        ? movingMany(context)
        : counting(context, 'updateManyAndReturn', 'update')
    case 'deleteMany':
      return deletingMany(context)
  }
}

interface Context {
  readonly call: HookCall
  readonly model: Model
  readonly transaction: PrismaTransaction
  readonly hidden: ReadonlySet<string>
  readonly args: Args
}

/** Operations whose result holds the records. */
async function returning(context: Context, operation: string): Promise<Execution> {
  const { call, model, transaction, hidden } = context
  const { args, added } = widen(context.args, model.primaryKey, hidden)
  const answer = await run(call, { args, transaction })
  const changes = rowsOf(answer).map((row) => changed(model, row, operation as Operation))
  return { result: fluent(strip(answer, added), fluentPath(call)), changes }
}

/** Operations that answer with a count: run as the form that returns the ids, in the same one statement. */
async function counting(context: Context, operation: string, kind: Operation): Promise<Execution> {
  const { call, model, transaction } = context
  const args = { ...context.args, select: keySelect(model) }
  const rows = rowsOf(await run(call, { args, operation, transaction }))
  return { result: { count: rows.length }, changes: rows.map((row) => changed(model, row, kind)) }
}

/** An update or upsert that may change the record's id: the old id's row goes, the new one's comes. */
async function movingOne(context: Context): Promise<Execution> {
  const { call, model, transaction, args } = context
  const select = keySelect(model)
  const before = await run(call, {
    args: { where: args.where, select },
    operation: 'findUnique',
    transaction,
  })
  const after = await returning(context, call.operation)
  return { result: after.result, changes: [...gone(model, rowsOf(before), after.changes), ...after.changes] }
}

/** An updateMany that may change ids: the records are named first, so that old and new ids are both known. */
async function movingMany(context: Context): Promise<Execution> {
  const { call, args } = context
  const before = await namedFirst(context)
  const narrowed = { ...context, args: { ...args, ...narrow(context, before), limit: undefined } }
  const after =
    call.operation === 'updateMany'
      ? await counting(narrowed, 'updateManyAndReturn', 'update')
      : await returning(narrowed, 'update')
  return { result: after.result, changes: [...gone(context.model, before, after.changes), ...after.changes] }
}

/** A deleteMany returns no ids: the records are named first, and only those are deleted. */
async function deletingMany(context: Context): Promise<Execution> {
  const { call, model, transaction } = context
  const before = await namedFirst(context)
  let count = 0
  for (let at = 0; at < before.length; at += IDS_PER_STATEMENT) {
    const args = narrow(context, before.slice(at, at + IDS_PER_STATEMENT))
    count += ((await run(call, { args, transaction })) as { count: number }).count
  }
  return { result: { count }, changes: before.map((row) => changed(model, row, 'delete')) }
}

async function namedFirst({ call, model, transaction, args }: Context): Promise<readonly Row[]> {
  const { where, limit } = args
  const select = keySelect(model)
  const take = limit === undefined ? {} : { take: limit }
  return rowsOf(await run(call, { args: { where, select, ...take }, operation: 'findMany', transaction }))
}

/** The caller's condition, for the named records only: what was inserted since is not touched. */
function narrow({ model, args }: Context, rows: readonly Row[]): { where: unknown } {
  const [only, ...others] = model.primaryKey
  const named =
    only !== undefined && others.length === 0
      ? { [only]: { in: rows.map((row) => row[only]) } }
      : { OR: rows.map((row) => Object.fromEntries(model.primaryKey.map((name) => [name, row[name]]))) }
  return { where: { AND: [args.where ?? {}, named] } }
}

/** True when the written data may change the record's key: a key field, or a relation that holds one. */
function changesKey(model: Model, data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false
  return Object.entries(data).some(([name, value]) => {
    if (value === undefined) return false
    if (model.primaryKey.includes(name)) return true
    const field = model.fields[name]
    return field?.kind === 'relation' && field.from.some((own) => model.primaryKey.includes(own))
  })
}

function writtenData({ call, args }: Context): unknown {
  return call.operation === 'upsert' ? args.update : args.data
}

function gone(model: Model, before: readonly Row[], after: readonly ChangedRecord[]): ChangedRecord[] {
  const stayed = new Set(after.map((change) => change.id))
  return before.map((row) => changed(model, row, 'delete')).filter((change) => !stayed.has(change.id))
}

function changed(model: Model, row: Row, operation: Operation): ChangedRecord {
  return { model: model.name, id: encodeRecordId(model, row), operation }
}

function rowsOf(answer: unknown): readonly Row[] {
  if (Array.isArray(answer)) return answer as Row[]
  return answer === null || answer === undefined ? [] : [answer as Row]
}

function keySelect(model: Model): Record<string, true> {
  return Object.fromEntries(model.primaryKey.map((name) => [name, true]))
}

/** `prisma.user.update(...).posts()` answers with the posts, or null where there are none. */
function fluent(result: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Row | null | undefined)?.[name] ?? null, result)
}
