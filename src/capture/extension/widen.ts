import type { Model } from '../../model/data-model.ts'
import { isSkip } from './arguments.ts'

/** What besides its arguments decides which fields a call's answer has. */
export interface AnswerRules {
  /** Fields that the client's own `omit` option hides. */
  readonly hidden: ReadonlySet<string>
  /** Fields that `result` extensions compute, which Prisma fetches the needs of. */
  readonly computed: readonly { readonly name: string; readonly needs: readonly string[] }[]
  /** Whether `undefined` is refused (the preview feature `strictUndefinedChecks`). */
  readonly strict: boolean
}

/** Arguments that ask for the key fields too, and which of those the plain client would not have fetched. */
export interface Widened {
  readonly args: Record<string, unknown>
  /** Fields to take out of the result again. */
  readonly added: readonly string[]
}

type Selection = Readonly<Record<string, unknown>>

/**
 * Makes a call's `select` or `omit` bring the key fields of the records. What Prisma is to refuse stays as it is.
 *
 * @param args the call's arguments
 * @param keys the model's key fields
 */
export function widen(
  args: Record<string, unknown>,
  model: Model,
  keys: readonly string[],
  rules: AnswerRules,
): Widened {
  const asGiven = { args, added: [] }
  const select = args.select as Selection | null | undefined
  const omit = args.omit as Selection | null | undefined
  if (rules.strict && [select, omit].some(holdsUndefined)) return asGiven
  if (select) {
    const fetched = fetchedBySelect(select, rules)
    // A select of nothing is a mistake, and would not be one with a key.
    if (![...fetched].some((name) => name in model.fields || name === '_count')) return asGiven
    const added = keys.filter((key) => !fetched.has(key))
    if (added.length === 0) return asGiven
    return { args: { ...args, select: { ...select, ...fromKeys(added, true) } }, added }
  }
  const left = leftOut(omit, rules)
  const scalars = Object.values(model.fields).filter((field) => field.kind !== 'relation')
  // So is leaving out everything.
  if (scalars.every(({ name }) => left.has(name)) && !args.include) return asGiven
  const added = keys.filter((key) => left.has(key))
  if (added.length === 0) return asGiven
  return { args: { ...args, omit: { ...omit, ...fromKeys(added, false) } }, added }
}

/** The fields that Prisma asks the database for: those selected, and what computed ones of them need. */
function fetchedBySelect(select: Selection, { computed }: AnswerRules): ReadonlySet<string> {
  const selected = Object.keys(select).filter((name) => select[name])
  const needed = computed.filter(({ name }) => selected.includes(name)).flatMap(({ needs }) => needs)
  return new Set([...selected, ...needed])
}

/** The fields that Prisma does not ask the database for: what computed ones need stays. */
function leftOut(omit: Selection | null | undefined, { hidden, computed }: AnswerRules): ReadonlySet<string> {
  const all = { ...fromKeys([...hidden], true), ...omit } as Selection
  const left = new Set(Object.keys(all).filter((name) => all[name] && !isSkip(all[name])))
  for (const { name, needs } of computed) {
    if (!all[name]) for (const needed of needs) left.delete(needed)
  }
  return left
}

function holdsUndefined(selection: Selection | null | undefined): boolean {
  return Object.values(selection ?? {}).includes(undefined)
}

/** Takes the added fields out of a record or of a list of records. */
export function strip(result: unknown, added: readonly string[]): unknown {
  if (added.length === 0) return result
  if (Array.isArray(result)) return result.map((one) => strip(one, added))
  if (typeof result !== 'object' || result === null) return result
  return Object.fromEntries(Object.entries(result).filter(([name]) => !added.includes(name)))
}

function fromKeys<Value>(keys: readonly string[], value: Value): Record<string, Value> {
  return Object.fromEntries(keys.map((key) => [key, value]))
}
