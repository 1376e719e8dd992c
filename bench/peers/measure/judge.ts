/** A record as far as it is compared: id and name. */
export interface Compared {
  readonly iata: string
  readonly name: string
}

/** How a sheet differs from its table. */
export interface Verdict {
  /** Ids of records without a row, with a row that says something else, and of rows without a record. */
  readonly missing: readonly string[]
  readonly stale: readonly string[]
  readonly ghosts: readonly string[]
  /** Rows beyond the first of an id. */
  readonly doubled: number
}

/**
 * Compares what a person sees with what the database has.
 * @param rows the rows of the tab, the id in the first column, the name in the second
 */
export function judge(rows: readonly (readonly string[])[], records: readonly Compared[]): Verdict {
  const shown = new Map<string, string>()
  let doubled = 0
  const wrong = new Set<string>()
  const names = new Map(records.map(({ iata, name }) => [iata, name]))
  for (const [iata = '', name = ''] of rows) {
    if (iata === '') continue
    if (shown.has(iata)) doubled++
    shown.set(iata, name)
    if (names.has(iata) && names.get(iata) !== name) wrong.add(iata)
  }
  return {
    missing: records.filter(({ iata }) => !shown.has(iata)).map(({ iata }) => iata),
    stale: [...wrong],
    ghosts: [...shown.keys()].filter((iata) => !names.has(iata)),
    doubled,
  }
}

/** Ids whose rows are not what they should be. */
export function wrongIds({ missing, stale, ghosts }: Verdict): readonly string[] {
  return [...missing, ...stale, ...ghosts]
}
