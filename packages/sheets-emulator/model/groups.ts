/** Rows or columns `[start, end)` that can be folded away together. */
export interface Group {
  readonly start: number
  readonly end: number
  /** 1 for a group that is in no other. */
  readonly depth: number
  readonly collapsed: boolean
}

/**
 * The groups after `by` was added to the depth of every row or column of `[start, end)`. A row is in as many groups as
 * its depth says, so that groups which overlap become one and their intersection a deeper one, as the discovery document
 * describes for addDimensionGroup and deleteDimensionGroup.
 */
export function deepen(groups: readonly Group[], start: number, end: number, by: 1 | -1): Group[] {
  const edges = new Set([start, end, ...groups.flatMap((group) => [group.start, group.end])])
  const bounds = [...edges].sort((a, b) => a - b)
  const depths = bounds.slice(0, -1).map((from) => {
    const before = groups.filter((group) => group.start <= from && from < group.end).length
    return Math.max(0, from >= start && from < end ? before + by : before)
  })
  const next: Group[] = []
  for (let depth = 1; depth <= Math.max(0, ...depths); depth++) {
    for (let i = 0; i < depths.length; i++) {
      if (depths[i]! < depth) continue
      const from = i
      while (i < depths.length && depths[i]! >= depth) i++
      next.push(kept(groups, { start: bounds[from]!, end: bounds[i]!, depth, collapsed: false }))
    }
  }
  return next.sort((a, b) => a.start - b.start || a.depth - b.depth)
}

/** A group that was there before stays as it was. */
function kept(groups: readonly Group[], group: Group): Group {
  return groups.find((each) => isSame(each, group)) ?? group
}

/** True for the same rows or columns at the same depth. */
export function isSame(a: Omit<Group, 'collapsed'>, b: Omit<Group, 'collapsed'>): boolean {
  return a.start === b.start && a.end === b.end && a.depth === b.depth
}
