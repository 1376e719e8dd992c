// The rows of a tab: fetched in pages as they are looked at, kept until something changes.
const PAGE = 200

/** Text of a cell as the server sends it. */
export function textOf(cell) {
  return typeof cell === 'string' ? cell : (cell?.t ?? '')
}

/** What an editor of the cell opens with. */
export function editTextOf(cell) {
  return typeof cell === 'string' ? cell : (cell?.e ?? cell?.f ?? cell?.t ?? '')
}

export class Rows {
  #base
  #sheetId
  #pages = new Map()
  #fetching = new Map()
  #stale = false

  constructor(base, sheetId) {
    this.#base = base
    this.#sheetId = sheetId
  }

  /** The row, or undefined while it is not here yet. */
  get(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.rows[index % PAGE]
  }

  /** The version of the spreadsheet in which the row looked like this. */
  versionOf(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.version ?? 0
  }

  /** Something changed: what is kept is only shown until it has been fetched again. */
  expire() {
    this.#stale = true
  }

  /** Fetches the pages of `[from, to)` that are missing or stale. Resolves to true when something was fetched. */
  async load(from, to) {
    if (this.#stale) {
      this.#stale = false
      // Pages out of sight are forgotten; those in sight stay until the new ones are here.
      const [first, last] = [Math.floor(from / PAGE), Math.floor((to - 1) / PAGE)]
      for (const page of this.#pages.keys()) {
        if (page !== 0 && (page < first || page > last)) this.#pages.delete(page)
      }
      await Promise.all([...this.#pages.keys()].map((page) => this.#fetch(page)))
    }
    const missing = []
    for (let page = Math.floor(from / PAGE); page * PAGE < to; page++) {
      if (!this.#pages.has(page)) missing.push(this.#fetching.get(page) ?? this.#fetch(page))
    }
    await Promise.all(missing)
    if (this.#pages.size > 50) {
      for (const page of [...this.#pages.keys()].slice(0, 25)) if (page !== 0) this.#pages.delete(page)
    }
  }

  #fetch(page) {
    const url = `${this.#base}/rows?sheet=${this.#sheetId}&from=${page * PAGE}&count=${PAGE}`
    const work = fetch(url)
      .then((response) => (response.ok ? response.json() : { rows: [], version: 0 }))
      .then(({ rows, version }) => this.#pages.set(page, { rows, version }))
      .finally(() => this.#fetching.delete(page))
    this.#fetching.set(page, work)
    return work
  }
}
