import type { Model } from '../model/data-model.ts'
import { keyFields } from '../model/record-key.ts'
import type { PrismaRecord } from './before.ts'
import { fluentPath, type HookCall, type PrismaTransaction, run } from './seam.ts'
import { strip, widen } from './widen.ts'

/** What a write answered, and the records of its own model as it left them; those it deleted as they were. */
export interface Execution {
  readonly result: unknown
  readonly records: readonly PrismaRecord[]
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

/** How to run a write. */
export interface ExecutionPlan {
  readonly call: HookCall
  readonly model: Model
  /** The interactive transaction to run in. */
  readonly transaction: PrismaTransaction
  /** Fields of the records that have to be known. */
  readonly fields: readonly string[]
  /** Fields that the client's own `omit` option hides. */
  readonly hidden: ReadonlySet<string>
  /** The records that are written, where they were read before; then no others are. */
  readonly named: readonly PrismaRecord[] | null
}

type Args = Readonly<Record<string, unknown>>

/** Ids that one statement may name: Postgres takes 65,535 parameters, Prisma's own queries need some. */
const IDS_PER_STATEMENT = 10_000

/**
 * Runs a write so that the records it changes are known, and gives the caller what the plain client would have
 * given. The call's operation is one of {@link WRITES}.
 */
export async function execute(plan: ExecutionPlan): Promise<Execution> {
  switch (plan.call.operation as WriteOperation) {
    case 'create':
    case 'createManyAndReturn':
    case 'update':
    case 'upsert':
    case 'delete':
      return returning(plan, plan.call.args ?? {})
    case 'createMany':
      return counting(plan, plan.call.args ?? {}, 'createManyAndReturn')
    case 'updateManyAndReturn':
      return named(plan, returning)
    case 'updateMany':
      return named(plan, (_plan, args) => counting(plan, args, 'updateManyAndReturn'))
    case 'deleteMany':
      return named(plan, deleting)
  }
}

/** Operations whose result holds the records. */
async function returning(
  { call, transaction, fields, hidden }: ExecutionPlan,
  given: Args,
): Promise<Execution> {
  const { args, added } = widen(given, fields, hidden)
  const answer = await run(call, { args, transaction })
  return { result: fluent(strip(answer, added), fluentPath(call)), records: recordsOf(answer) }
}

/** Operations that answer with a count: run as the form that returns the records, in the same one statement. */
async function counting(
  { call, transaction, fields }: ExecutionPlan,
  given: Args,
  operation: string,
): Promise<Execution> {
  const select = Object.fromEntries(fields.map((name) => [name, true]))
  const records = recordsOf(await run(call, { args: { ...given, select }, operation, transaction }))
  return { result: { count: records.length }, records }
}

async function deleting({ call, transaction }: ExecutionPlan, args: Args): Promise<Execution> {
  return { result: await run(call, { args, transaction }), records: [] }
}

/**
 * Operations on many records whose ids do not come back, or come back changed: only the records that were read
 * before are written, and what was inserted since is not touched.
 */
async function named(
  plan: ExecutionPlan,
  write: (plan: ExecutionPlan, args: Args) => Promise<Execution>,
): Promise<Execution> {
  const args = plan.call.args ?? {}
  if (plan.named === null) return write(plan, args)
  const parts: Execution[] = []
  // Also of no records: the answer, and the check of the arguments, are Prisma's.
  for (let at = 0; at === 0 || at < plan.named.length; at += IDS_PER_STATEMENT) {
    const narrowed = narrow(plan.model, args, plan.named.slice(at, at + IDS_PER_STATEMENT))
    parts.push(await write(plan, narrowed))
  }
  return parts.reduce((one, other) => ({
    result: together(one.result, other.result),
    records: [...one.records, ...other.records],
  }))
}

function together(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other]
  return { count: (one as { count: number }).count + (other as { count: number }).count }
}

/** The caller's condition, for the named records only. */
function narrow(model: Model, args: Args, records: readonly PrismaRecord[]): Args {
  const key = keyFields(model)
  const [only, ...others] = key
  const these =
    only !== undefined && others.length === 0
      ? { [only]: { in: records.map((record) => record[only]) } }
      : { OR: records.map((record) => Object.fromEntries(key.map((name) => [name, record[name]]))) }
  return { ...args, where: { AND: [args.where ?? {}, these] }, limit: undefined }
}

function recordsOf(answer: unknown): readonly PrismaRecord[] {
  if (Array.isArray(answer)) return answer as PrismaRecord[]
  return answer === null || answer === undefined ? [] : [answer as PrismaRecord]
}

/** `prisma.user.update(...).posts()` answers with the posts, or null where there are none. */
function fluent(result: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (value as PrismaRecord | null | undefined)?.[name] ?? null,
    result,
  )
}
