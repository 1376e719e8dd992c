/**
 * Makes a list shorter that fails (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
 * Input", IEEE TSE 28(2), 2002): leaves parts out, ever smaller ones, as long as it still fails.
 *
 * @param fails whether a list still fails; a run of real processes need not fail every time
 * @param tries how often `fails` is asked at most
 * @returns the shortest list that was seen to fail
 */
export async function shrink<Item>(
  items: readonly Item[],
  fails: (items: readonly Item[]) => Promise<boolean>,
  tries: number,
): Promise<readonly Item[]> {
  let best = items
  let parts = 2
  let left = tries
  while (best.length > 1 && left > 0) {
    const size = Math.ceil(best.length / parts)
    let isShorter = false
    for (let at = 0; at < best.length && left > 0; at += size) {
      const without = [...best.slice(0, at), ...best.slice(at + size)]
      left--
      if (!(await fails(without))) continue
      best = without
      parts = Math.max(2, parts - 1)
      isShorter = true
      break
    }
    if (isShorter) continue
    if (parts >= best.length) break
    parts = Math.min(best.length, parts * 2)
  }
  return best
}
