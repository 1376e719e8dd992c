/** What {@link singleOut} found. */
export interface SingledOut<Item, Result> {
  /** Results of the queries that succeeded; together with `failed` they stand for every item. */
  readonly results: readonly Result[]
  /** Items that fail alone, with the error of each. */
  readonly failed: ReadonlyMap<Item, unknown>
}

/** Queries that fail in a row, with none that succeeds, after which all items are suspected. */
const SUSPICIOUS_FAILURES = 8

/**
 * Runs a query over items. Where it fails, the items are halved until those that make it fail are alone: one bad item
 * among `n` costs about 2 log2(n) queries.
 *
 * @param query what is asked of several items at once
 * @param isOfAll whether an error says by itself that it is no item's
 * @param canOthers whether the query succeeds for anything else; asked once, when none has succeeded so far
 * @throws the error of the query when it is no item's: nothing else can be asked either
 */
export async function singleOut<Item, Result>(
  items: readonly Item[],
  query: (items: readonly Item[]) => Promise<Result>,
  isOfAll: (error: unknown) => boolean,
  canOthers: () => Promise<boolean>,
): Promise<SingledOut<Item, Result>> {
  const results: Result[] = []
  const failed = new Map<Item, unknown>()
  const parts = [items]
  let isProven = false
  let failures = 0
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    try {
      results.push(await query(part))
      isProven = true
    } catch (error) {
      const [only, ...others] = part
      if (only === undefined || isOfAll(error)) throw error
      if (others.length === 0) failed.set(only, error)
      else {
        const half = Math.ceil(part.length / 2)
        parts.push(part.slice(0, half), part.slice(half))
      }
      if (isProven || (++failures < SUSPICIOUS_FAILURES && parts.length > 0)) continue
      if (!(await canOthers())) throw error
      isProven = true
    }
  }
  return { results, failed }
}
