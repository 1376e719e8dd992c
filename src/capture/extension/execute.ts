import type { Model } from '../../model/data-model.ts'
import { keyFields } from '../../model/record-key.ts'
import type { PrismaRecord } from './before.ts'
import type { WriteOperation } from './operations.ts'
import { isRefusal, refuse } from './refuse.ts'
import { fluentPath, type HookCall, type PrismaTransaction, run } from './seam.ts'
import { type AnswerRules, strip, widen } from './widen.ts'

/** What a write answered, and the records of its own model as it left them; those it deleted as they were. */
export interface Execution {
  readonly result: unknown
  readonly records: readonly PrismaRecord[]
}

/** How to run a write. */
export interface ExecutionPlan {
  readonly call: HookCall
  readonly model: Model
  /** The interactive transaction to run in. */
  readonly transaction: PrismaTransaction
  /** Fields of the records that have to be known. */
  readonly fields: readonly string[]
  readonly rules: AnswerRules
  /** The records that are written, where they were read before; then no others are. */
  readonly named: readonly PrismaRecord[] | null
}

type Args = Readonly<Record<string, unknown>>

/** Ids that one statement may name: Postgres takes 65,535 parameters, Prisma's own queries need some. */
const IDS_PER_STATEMENT = 10_000

/**
 * Runs a write so that the records it changes are known, and gives the caller what the plain client would have
 * given. The call's operation is a {@link WriteOperation}.
 */
export async function execute(plan: ExecutionPlan): Promise<Execution> {
  const { call, transaction } = plan
  try {
    return await answer(plan)
  } catch (error) {
    if (isRefusal(error)) return refuse(call, transaction, error)
    throw error
  }
}

async function answer(plan: ExecutionPlan): Promise<Execution> {
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
  { call, model, transaction, fields, rules }: ExecutionPlan,
  given: Args,
): Promise<Execution> {
  const { args, added } = widen(given, model, fields, rules)
  const answered = await run(call, { args, transaction })
  return { result: fluent(strip(answered, added), fluentPath(call)), records: recordsOf(answered) }
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

/** The caller's condition, for the named records only: a limit was kept when they were read. */
function narrow(model: Model, args: Args, records: readonly PrismaRecord[]): Args {
  const [first = '', ...others] = keyFields(model)
  const key = [first, ...others]
  // Of no records too, for which an OR of nothing would be no condition.
  const these =
    others.length === 0 || records.length === 0
      ? { [first]: { in: records.map((record) => record[first]) } }
      : { OR: records.map((record) => Object.fromEntries(key.map((name) => [name, record[name]]))) }
  const { limit, ...rest } = args
  // A limit that is none is Prisma's to refuse.
  const kept = typeof limit === 'number' && limit >= 0 ? rest : args
  return { ...kept, where: { AND: [args.where ?? {}, these] } }
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
