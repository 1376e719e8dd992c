/** Arguments that ask for the key fields too, and which of those the caller had not asked for. */
export interface Widened {
  readonly args: Record<string, unknown>
  /** Fields to take out of the result again. */
  readonly added: readonly string[]
}

type Selection = Readonly<Record<string, unknown>>

/**
 * Makes a call's `select` or `omit` bring the key fields of the records.
 *
 * @param args the call's arguments
 * @param keys the model's key fields
 * @param hidden fields that the client's own `omit` option hides
 */
export function widen(
  args: Record<string, unknown>,
  keys: readonly string[],
  hidden: ReadonlySet<string>,
): Widened {
  const select = args.select as Selection | null | undefined
  if (select) {
    // A select of nothing is an error of the caller's, which Prisma is to report.
    if (!Object.values(select).some(Boolean)) return { args, added: [] }
    const added = keys.filter((key) => !select[key])
    if (added.length === 0) return { args, added }
    return { args: { ...args, select: { ...select, ...fromKeys(added, true) } }, added }
  }
  const omit = args.omit as Selection | null | undefined
  const added = keys.filter((key) => omit?.[key] ?? hidden.has(key))
  if (added.length === 0) return { args, added }
  return { args: { ...args, omit: { ...omit, ...fromKeys(added, false) } }, added }
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
