import { PEOPLES_COLUMN, REASONS_COLUMN, type TortureTab } from '../spreadsheets.ts'
import type { Cell, TabCells } from '../stage/sheets.ts'
import { type Row, sameCell } from './expected-rows.ts'
import type { Known } from './known.ts'
import type { Violation, ViolationKind } from './violation.ts'

/**
 * When a tab is looked at: `worked off`, when every change has been handled, so that only what people did may stand
 * out; `compared`, after a reconcile, when nothing may.
 */
export type Moment = 'worked off' | 'compared'

/** Compares a tab with what it should show, cell by cell. Pure. */
export function judgeTab(
  tab: TortureTab,
  cells: TabCells | undefined,
  expected: ReadonlyMap<string, Row>,
  known: Known,
  moment: Moment,
): Violation[] {
  return cells
    ? new TabJudge(tab, cells, expected, known, moment).judge()
    : [{ kind: 'target', subject: tab.target, message: 'its tab is gone' }]
}

class TabJudge {
  readonly #tab: TortureTab
  readonly #expected: ReadonlyMap<string, Row>
  readonly #known: Known
  readonly #isCompared: boolean
  readonly #headers: readonly Cell[]
  readonly #body: readonly (readonly Cell[])[]
  readonly #found: Violation[] = []
  /** Records whose row people removed or copied. */
  readonly #disturbed: ReadonlySet<string>

  constructor(
    tab: TortureTab,
    cells: TabCells,
    expected: ReadonlyMap<string, Row>,
    known: Known,
    moment: Moment,
  ) {
    this.#tab = tab
    this.#expected = expected
    this.#known = known
    this.#isCompared = moment === 'compared'
    const headerRow = cells.rows.findIndex((row) => row.includes(tab.key))
    this.#headers = cells.rows[headerRow] ?? []
    this.#body = headerRow === -1 ? [] : cells.rows.slice(headerRow + 1)
    const { facts } = known
    this.#disturbed = new Set(
      [...facts.of('row removed', tab.target), ...facts.of('row copied', tab.target)].map(({ key }) => key),
    )
  }

  judge(): Violation[] {
    if (this.#headers.length === 0) {
      this.#complain('target', this.#tab.target, 'the header of its key column is gone')
      return this.#found
    }
    this.#judgeHeaders()
    const rows = this.#judgeKeys()
    this.#judgeKeyless()
    for (const [key, wanted] of this.#expected) this.#judgeRecord(key, wanted, rows.get(key))
    this.#judgePeople(rows)
    this.#judgePeoplesColumns()
    return this.#found
  }

  #complain(kind: ViolationKind, subject: string, message: string, rows?: Violation['rows']): void {
    this.#found.push({ kind, subject, message, ...(rows && { rows }) })
  }

  #judgeHeaders(): void {
    const { target, key, headers } = this.#tab
    const away = new Set(this.#known.facts.of('column gone', target).map(({ header }) => header))
    for (const header of [key, ...headers]) {
      const times = this.#headers.filter((one) => one === header).length
      if (times > 1) this.#complain('doubled', `${target} ${header}`, `the column stands ${times} times`)
      if (times === 0 && (this.#isCompared || !away.has(header)))
        this.#complain('missing', `${target} ${header}`, 'the column is not there')
    }
    for (const header of this.#headers) {
      const isOurs = header === key || headers.includes(String(header))
      const isReasons = header === REASONS_COLUMN && this.#tab.writableHeaders.length > 0
      if (isOurs || isReasons || header === null || header === PEOPLES_COLUMN) continue
      if (/^(Extra|Old) /.test(String(header))) continue
      this.#complain('foreign column', target, `nobody made the column "${header}"`)
    }
  }

  /** @returns the row of each key */
  #judgeKeys(): Map<string, Row> {
    const { target, key: header } = this.#tab
    const { facts } = this.#known
    const column = this.#headers.indexOf(header)
    const rows = new Map<string, Row>()
    const strangers: [subject: string, row: Row][] = []
    for (const cells of this.#body) {
      const key = cells[column]
      if (isBlank(key)) continue
      const row = this.#rowOf(cells)
      const name = String(key)
      const subject = `${target} ${name}`
      // A new row that was refused keeps the key that its record would have.
      const isExcused = (!this.#isCompared && this.#disturbed.has(name)) || this.#known.refused.has(subject)
      if (rows.has(name) && this.#expected.has(name) && !isExcused && !this.#isCopyOfDead(name))
        this.#complain('doubled', subject, 'the row stands twice', {
          database: rows.get(name) ?? null,
          sheet: row,
        })
      if (!this.#expected.has(name) && !isExcused) strangers.push([subject, row])
      if (!rows.has(name)) rows.set(name, row)
    }
    const names = new Set(strangers.map(([subject]) => subject))
    const copied = facts.of('row copied', target).filter(({ key }) => names.has(`${target} ${key}`))
    if (strangers.length > this.#keysHit.length + this.#rowsAdded + copied.length) {
      for (const [subject, row] of strangers)
        this.#complain('foreign row', subject, 'there is no such record', { database: null, sheet: row })
    }
    return rows
  }

  /** Keys that a worker that was ended may have written over in a race. */
  get #keysHit(): readonly { readonly key: string }[] {
    const { facts, workersEnded } = this.#known
    const hits = facts.of('cell hit in a race', this.#tab.target)
    return workersEnded ? hits.filter(({ header }) => header === this.#tab.key) : []
  }

  /** How many rows without a key a worker that was ended may have written to in a race. */
  get #keylessHit(): number {
    const { facts, workersEnded } = this.#known
    return workersEnded ? facts.of('keyless row hit in a race', this.#tab.target).length : 0
  }

  /** How many rows that people added lost what they are known by: nobody can keep that. */
  get #authorsHit(): number {
    return this.#known.facts.of('text hit in a race', this.#tab.target).filter(({ text }) => isBegun(text))
      .length
  }

  /** How many new rows a worker that was ended may have left in columns that had been moved. */
  get #rowsAdded(): number {
    const { facts, workersEnded } = this.#known
    return workersEnded ? facts.of('row added in a race', this.#tab.target).length : 0
  }

  /** Whether no cell takes what the record shows, so that its row stays what it was. */
  #isPoisoned(key: string): boolean {
    return this.#tab.target === 'requests' && this.#known.poisoned.has(key)
  }

  /** A copy that people made is put right with its record, which one that is dead is not. */
  #isCopyOfDead(name: string): boolean {
    const copied = this.#known.facts.of('row copied', this.#tab.target)
    return this.#isPoisoned(name) && copied.some(({ key }) => key === name)
  }

  /** Rows without a key are people's: copies that lost theirs, and rows of their own. */
  #judgeKeyless(): void {
    const { target, key, headers } = this.#tab
    const columns = headers.map((header) => this.#headers.indexOf(header)).filter((column) => column !== -1)
    const keyColumn = this.#headers.indexOf(key)
    const strays = this.#body.filter(
      (cells) =>
        isBlank(cells[keyColumn]) &&
        !cells.some(isBegun) &&
        columns.some((column) => !isPeoples(cells[column] ?? '')),
    )
    const copies = this.#known.facts.of('row copied', target).length
    const hit = this.#keylessHit + this.#authorsHit
    if (strays.length > copies + hit + this.#rowsAdded) {
      const [row] = strays
      this.#complain(
        'foreign row',
        target,
        `${strays.length} rows without a key show what the library writes, people copied ${copies}, ${hit} were hit in a race`,
        { database: null, sheet: row ? this.#rowOf(row) : null },
      )
    }
  }

  #judgeRecord(key: string, wanted: Row, row: Row | undefined): void {
    const { target, headers, peoplesHeaders } = this.#tab
    if (this.#isPoisoned(key)) return
    const subject = `${target} ${key}`
    if (row === undefined) {
      if (this.#isCompared || !(this.#disturbed.has(key) || this.#isRemovedInRace(key)))
        this.#complain('missing', subject, 'the record has no row', { database: wanted, sheet: null })
      return
    }
    const { facts, listed, workersEnded } = this.#known
    const hits = workersEnded ? facts.of('cell hit in a race', target).filter((fact) => fact.key === key) : []
    const hit = new Set(hits.map(({ header }) => header))
    const gone = new Set(facts.of('column gone', target).map(({ header }) => header))
    const typed = facts.of('typed', target).filter((fact) => fact.key === key)
    const wrong: string[] = []
    for (const header of headers) {
      const conflict = listed.get(`${target} ${key} ${header}`)
      const isListed = conflict !== undefined
      const values = typed.filter((fact) => fact.header === header).map(({ value }) => value)
      if (isListed && values.length === 0 && !hit.has(header)) {
        this.#complain(
          'invented conflict',
          `${subject} ${header}`,
          `nobody has typed there; listed ${conflict}`,
          {
            database: wanted,
            sheet: row,
          },
        )
      }
      if (sameCell(wanted[header], row[header])) continue
      if (this.#known.refused.has(`${target} ${key} ${header}`)) continue
      const stands = peoplesHeaders.includes(header) && values.some((value) => sameCell(value, row[header]))
      if (stands && (isListed || !this.#isCompared)) continue
      // Where a person's value may stand, what landed there is taken for theirs, and shown to them.
      if (hit.has(header) && (!this.#isCompared || (peoplesHeaders.includes(header) && isListed))) continue
      if (!this.#isCompared && (values.length > 0 || gone.has(header) || this.#disturbed.has(key))) continue
      wrong.push(header)
    }
    if (wrong.length > 0)
      this.#complain('stale', subject, `differs in ${wrong.join(', ')}`, { database: wanted, sheet: row })
  }

  /**
   * A worker that was ended may have removed a row that was not the one it meant, or written over its key; the comparison
   * finds that.
   */
  #isRemovedInRace(key: string): boolean {
    const { facts, workersEnded } = this.#known
    const removed = workersEnded ? facts.of('row hit in a race', this.#tab.target) : []
    return [...removed, ...this.#keysHit].some((fact) => fact.key === key)
  }

  /** What people wrote stands where they wrote it, as long as the record's row did. */
  #judgePeople(rows: ReadonlyMap<string, Row>): void {
    const { target } = this.#tab
    const { facts, gone } = this.#known
    const hit = new Set(facts.of('text hit in a race', target).map(({ text }) => text))
    const keysHit = new Set(this.#keysHit.map(({ key }) => key))
    const last = new Map(facts.of('remark', target).map(({ key, text }) => [key, text]))
    for (const [key, text] of last) {
      if (
        gone.has(`${target} ${key}`) ||
        this.#disturbed.has(key) ||
        hit.has(text) ||
        !this.#expected.has(key)
      )
        continue
      if (rows.get(key)?.[PEOPLES_COLUMN] === text) continue
      const there = [...rows].find(([, row]) => row[PEOPLES_COLUMN] === text)?.[0]
      // Its row is that of no record any more, for its key was written over.
      if (there !== undefined && !this.#expected.has(there) && keysHit.has(key)) continue
      this.#complain(
        'people’s text',
        `${target} ${key}`,
        `"${text}" ${there ? `stands beside ${there}` : 'is gone'}`,
      )
    }
    // Where their value stands, what they typed last is there; a number could not be told from another one.
    const typed = facts.of('typed', target).filter(({ header }) => this.#tab.peoplesHeaders.includes(header))
    const lastTyped = new Map(typed.map((fact) => [`${fact.key} ${fact.header}`, fact]))
    for (const { key, header, value } of lastTyped.values()) {
      if (
        typeof value !== 'string' ||
        gone.has(`${target} ${key}`) ||
        this.#disturbed.has(key) ||
        hit.has(value)
      )
        continue
      const row = rows.get(key)
      if (row === undefined || row[header] === value) continue
      this.#complain('people’s value', `${target} ${key} ${header}`, `"${value}" does not stand any more`)
    }
    const keyColumn = this.#headers.indexOf(this.#tab.key)
    const wrong: string[] = []
    for (const { text } of facts.of('own row', target)) {
      if (hit.has(text)) continue
      const own = this.#body.filter((cells) => cells.includes(text))
      if (own.length !== 1) wrong.push(`"${text}" stands in ${own.length} rows instead of one`)
      else if (own[0]?.[keyColumn]) wrong.push(`the row "${text}" has got a key`)
    }
    // With a key it is a record's row, and goes when that is deleted.
    if (wrong.length <= this.#keylessHit) return
    for (const message of wrong) this.#complain('people’s text', target, message)
  }

  /** In their columns only their own texts stand, but for what landed there in the instant of a race. */
  #judgePeoplesColumns(): void {
    const { target } = this.#tab
    const { facts } = this.#known
    const columns = this.#headers.flatMap((header, column) => (isTheirs(header) ? [column] : []))
    const strays = this.#body.filter((cells) => columns.some((column) => !isPeoples(cells[column] ?? '')))
    const hit = facts.of('cell hit in a race', target).filter(({ header }) => isTheirs(header))
    const others = [
      ...facts.of('keyless row hit in a race', target),
      ...facts.of('row added in a race', target),
      ...facts.of('row copied', target),
    ]
    const [row] = strays
    if (!row || strays.length <= new Set(hit.map(({ key }) => key)).size + others.length) return
    const message = `${strays.length} rows show what the library writes in a column of people’s`
    this.#complain('people’s column', target, message, { database: null, sheet: this.#rowOf(row) })
  }

  #rowOf(cells: readonly Cell[]): Row {
    return Object.fromEntries(
      this.#headers.flatMap((header, column) =>
        header === null ? [] : [[String(header), cells[column] ?? null]],
      ),
    )
  }
}

function isBlank(cell: Cell | undefined): cell is null | undefined | '' {
  return cell === null || cell === undefined || cell === ''
}

function isTheirs(header: Cell): boolean {
  return header === PEOPLES_COLUMN || /^Extra /.test(String(header))
}

/** Empty, or what only people write: a column that they begin may become the library's in a race. */
function isPeoples(cell: Cell): boolean {
  return cell === '' || /^(remark|own row|typed|edit|new|nonsense) \d+$/.test(String(cell))
}

/** The author of a row that people have begun, and that is no record yet. */
function isBegun(cell: Cell | undefined): boolean {
  return /^new \d+$/.test(String(cell))
}
