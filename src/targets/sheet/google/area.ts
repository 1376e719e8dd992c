/** Part of a tab as the API names it: from 0, ends exclusive; what is left out is unbounded. */
export interface Area {
  readonly startRowIndex?: number
  readonly endRowIndex?: number
  readonly startColumnIndex?: number
  readonly endColumnIndex?: number
}

/** Columns from the first to before the last. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The columns of a layout as one span; a missing column (-1) is left out. */
export function spanOf(columns: Iterable<number>): Span {
  const there = [...columns].filter((column) => column !== -1)
  return { from: Math.min(...there), to: Math.max(...there) + 1 }
}

/** All columns. */
export const ALL_COLUMNS: Span = { from: 0, to: Number.POSITIVE_INFINITY }

/** Rows between two wanted ones that are read as well rather than asked for as two areas. */
const GAP = 3

/** The columns of a span, in every row. */
export function band(columns: Span): Area {
  return {
    ...(columns.from > 0 && { startColumnIndex: columns.from }),
    ...(Number.isFinite(columns.to) && { endColumnIndex: columns.to }),
  }
}

/** The first rows, whole. */
export function top(rows: number): Area {
  return { endRowIndex: rows }
}

/** Rows with the columns that are wanted of each, as few areas. */
export function runs(rows: ReadonlyMap<number, Span>): Area[] {
  const areas: Area[] = []
  let run: { start: number; end: number; columns: Span } | undefined
  const flush = () => {
    if (run) areas.push({ startRowIndex: run.start, endRowIndex: run.end, ...band(run.columns) })
  }
  for (const [row, columns] of [...rows].sort(([a], [b]) => a - b)) {
    if (run && row - run.end <= GAP && contains(run.columns, columns) && contains(columns, run.columns))
      run.end = row + 1
    else {
      flush()
      run = { start: row, end: row + 1, columns }
    }
  }
  flush()
  return areas
}

export function contains(outer: Span, inner: Span): boolean {
  return outer.from <= inner.from && outer.to >= inner.to
}
