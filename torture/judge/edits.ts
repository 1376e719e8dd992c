import type { Fact } from '../people/facts.ts'
import { REASONS_COLUMN, TABS } from '../spreadsheets.ts'
import type { Cell } from '../stage/sheets.ts'
import type { Stage } from '../stage/stage.ts'
import { WORKERS_CLIENT } from '../stage/workers-client.ts'
import { requestIds } from '../writes/write.ts'
import type { Known } from './known.ts'
import type { Violation } from './violation.ts'

/*
 * What people typed, deleted and added in a tab that they work in, and what became of it: every edit was applied once, is
 * listed with what became of it, or was written over where nobody can see it; and no record changed, came or went that way
 * unless a person did so.
 */

/** A value that a note got, or that it went. */
export interface Given {
  /** Time of day, for a person who reads what went wrong. */
  readonly at?: string
  readonly act: 'insert' | 'update' | 'delete'
  readonly key: string
  readonly header: string | null
  readonly value: string | null
  readonly writer: string
}

/** An edit that the library lists. */
export interface Listed {
  readonly key: string
  readonly header: string
  readonly state: string
  readonly shown: unknown
}

const TAB = TABS.find(({ writableHeaders }) => writableHeaders.length > 0) as (typeof TABS)[number]

/** Compares what people did with what came of it. */
export async function judgeEdits({ database, sheets }: Stage, known: Known): Promise<Violation[]> {
  const given = await database.query<Given & { [name: string]: unknown }>(
    `select to_char(moment, 'HH24:MI:SS.MS') as at, act, key, header, value, writer from torture_note order by torture_note.at`,
  )
  const listed = await database.query<Listed & { [name: string]: unknown }>(
    `select record_key as key, column_name as header, state::text, shown from sync_edit where target = $1 order by id`,
    [TAB.target],
  )
  const tabs = await sheets.read(TAB.spreadsheetId)
  const rows = tabs.find(({ sheetId }) => sheetId === known.sheetIds.get(TAB.target))?.rows ?? []
  return judgeEditsOf(known, given, listed, rows)
}

/**
 * The same of what was read. Pure.
 * @param given what became of the records, in order
 * @param rows all rows of the tab, its header included
 */
export function judgeEditsOf(
  known: Known,
  given: readonly Given[],
  listed: readonly Listed[],
  rows: readonly (readonly Cell[])[],
): Violation[] {
  return new EditJudge(known, given, listed, rows).judge()
}

class EditJudge {
  readonly #known: Known
  readonly #given: readonly Given[]
  readonly #listed: readonly Listed[]
  /** What was typed of all that is listed, as one text. */
  readonly #listedTexts: string
  readonly #rows: readonly (readonly Cell[])[]
  readonly #found: Violation[] = []

  constructor(
    known: Known,
    given: readonly Given[],
    listed: readonly Listed[],
    rows: readonly (readonly Cell[])[],
  ) {
    this.#known = known
    this.#given = given
    this.#listed = listed
    this.#listedTexts = JSON.stringify(listed.map(({ shown }) => shown))
    this.#rows = rows
  }

  judge(): Violation[] {
    this.#judgeWhatCame()
    this.#judgeWhatWasTyped()
    this.#judgeNewRows()
    this.#judgeReasons()
    this.#judgeEchoes()
    return this.#found
  }

  #complain(subject: string, message: string): void {
    this.#found.push({ kind: 'edit', subject: `${TAB.target} ${subject}`, message })
  }

  #facts<Kind extends Fact['kind']>(kind: Kind) {
    return this.#known.facts.of(kind, TAB.target)
  }

  /** Every change that a worker made is one that a person made, once. */
  #judgeWhatCame(): void {
    const removed = new Set([
      ...this.#facts('row removed').map(({ key }) => key),
      ...this.#facts('row hit in a race').map(({ key }) => key),
    ])
    const typed = Map.groupBy(this.#facts('edit'), ({ header, value }) => `${header} ${value}`)
    const updates = this.#given.filter(({ act, writer }) => act === 'update' && writer === WORKERS_CLIENT)
    const times = new Map<string, number>()
    for (const { key, header, value } of updates) {
      const what = `${header} ${value}`
      // One that was copied is two rows with one key, until the copy is a record of its own. Where a write went over the
      // key, what was typed before it was put back was typed under another one.
      const isOf = (fact: { readonly key: string }) =>
        fact.key === key || this.#isCopied(fact.key) || this.#keysHit.has(key)
      const facts = (typed.get(what) ?? []).filter(isOf)
      const count = (times.get(`${key} ${what}`) ?? 0) + 1
      times.set(`${key} ${what}`, count)
      if (count > facts.length) {
        const often = facts.length === 0 ? 'nobody typed it there' : `it was typed ${facts.length} times`
        const history = this.#historyOf(key, header)
        this.#complain(`${key} ${header}`, `"${value}" was written ${count} times; ${often}; ${history}`)
      }
    }
    for (const { act, key, writer } of this.#given) {
      if (act === 'delete' && writer === WORKERS_CLIENT && !removed.has(key))
        this.#complain(key, 'the record was deleted; nobody deleted its row')
    }
    this.#judgeWhatWasMade()
    for (const { value } of this.#given) {
      if (value?.startsWith('nonsense ')) this.#complain(value, 'was written to a record')
    }
  }

  /** Every record that a worker made is a row that a person added, or copied. */
  #judgeWhatWasMade(): void {
    const added = new Set([
      ...this.#facts('new row').map(({ author }) => author),
      ...this.#facts('row copied').flatMap(({ texts }) => texts),
      ...this.#authorsTyped,
      // A row that somebody had added, and over whose author a write went.
      ...this.#facts('keyless row hit in a race').flatMap(({ texts = [] }) => texts),
    ])
    const keyless = this.#authorsOfLostKeys()
    for (const { act, key, header, value, writer } of this.#given) {
      const isMade = act === 'insert' && writer === WORKERS_CLIENT && header === 'Author'
      if (isMade && !added.has(value ?? '') && !keyless.delete(value ?? ''))
        this.#complain(key, `the record of "${value}" was made; nobody added its row`)
    }
  }

  /**
   * Authors in rows over whose key a write went in a race, and into which somebody typed: nobody can tell such a row from
   * one that was added, so that it may become a record of its own, once.
   */
  #authorsOfLostKeys(): Set<string> {
    const edited = new Set(this.#facts('edit').map(({ key }) => key))
    const isLost = (key: string) => edited.has(key) && this.#keysHit.has(key)
    const authors = this.#given.filter(({ key, header }) => header === 'Author' && isLost(key))
    return new Set(authors.flatMap(({ value }) => value ?? []))
  }

  /** Records over whose key a write went. */
  get #keysHit(): ReadonlySet<string> {
    const hit = this.#facts('cell hit in a race').filter(({ header }) => header === TAB.key)
    return new Set(hit.map(({ key }) => key))
  }

  /** Authors that people typed over others: a row may be edited until it is a record. */
  get #authorsTyped(): readonly string[] {
    return this.#facts('edit').flatMap(({ header, value }) => (header === 'Author' ? String(value) : []))
  }

  /** What a record's field was, and what the library lists of it: a failure is read from it. */
  #historyOf(key: string, header: string | null): string {
    const given = this.#given.filter((one) => one.key === key && one.header === header)
    const listed = this.#listed.filter((one) => one.key === key && one.header === header)
    return [
      ...given.map(
        ({ at, act, value, writer }) => `${at ?? ''} ${act} "${value}" by ${writer || 'the application'}`,
      ),
      ...listed.map(({ state, shown }) => `listed ${state}: ${JSON.stringify(shown)}`),
    ].join('; ')
  }

  #isCopied(key: string): boolean {
    return this.#facts('row copied').some((fact) => fact.key === key)
  }

  /** Every edit came to the record, or is listed, or went where nobody can see it. */
  #judgeWhatWasTyped(): void {
    const reached = new Set(this.#given.map(({ value }) => value))
    const lost = this.#textsLost()
    const gone = new Set(this.#facts('column gone').map(({ header }) => header))
    const typed = [...this.#facts('edit'), ...this.#facts('nonsense')]
    const order = this.#known.facts.order(typed)
    for (const [at, { key, header, value }] of typed.entries()) {
      // A truth, or a request, may be the one that stood there.
      if (!/^(edit|nonsense) /.test(String(value))) continue
      if (reached.has(String(value)) || this.#listedTexts.includes(`"${value}"`) || lost.has(String(value)))
        continue
      // A request stands in the key column of a row that was added where columns had just been moved: it is taken out again.
      if (requestIds.includes(key)) continue
      if (gone.has(header) || this.#known.gone.has(`${TAB.target} ${key}`)) continue
      // It was typed under a key that a write had put there, and that was taken out again: of a row that is yet to be completed.
      if (this.#keysHit.has(key) && this.#isBegun(String(value))) continue
      const isTypedOver = typed.some(
        (other, index) =>
          other.key === key && other.header === header && (order[index] ?? 0) > (order[at] ?? 0),
      )
      if (!isTypedOver)
        this.#complain(`${key} ${header}`, `"${value}" did not reach the record, and is not listed`)
    }
  }

  /** Texts that went with their row, or that a write hit which had been planned before they were typed. */
  #textsLost(): ReadonlySet<string> {
    return new Set([
      ...this.#facts('row removed').flatMap(({ texts }) => texts),
      ...this.#facts('text hit in a race').map(({ text }) => text),
    ])
  }

  /** Every new row became one record, or stands with what is wrong with it. */
  #judgeNewRows(): void {
    const lost = this.#textsLost()
    const copied = this.#facts('row copied').flatMap(({ texts }) => texts)
    const typedOver = new Set(this.#authorsTyped)
    const others = this.#given.filter(
      ({ act, header, value }) => act === 'insert' && header === 'Author' && typedOver.has(value ?? ''),
    )
    const hits = this.#facts('keyless row hit in a race').length + others.length
    let missing = 0
    for (const { author } of this.#facts('new row')) {
      const records = this.#given.filter(
        ({ act, header, value }) => act === 'insert' && header === 'Author' && value === author,
      )
      const copies = copied.filter((text) => text === author).length
      if (records.length > 1 + copies)
        this.#complain(author, `became ${records.length} records; it was copied ${copies} times`)
      if (records.length > 0 || lost.has(author) || this.#listedTexts.includes(`"${author}"`)) continue
      if (this.#isBegun(author) || ++missing <= hits) continue
      this.#complain(author, 'the new row became no record, and is not listed')
    }
  }

  /** Whether the row in which a text stands is not complete. */
  #isBegun(text: string): boolean {
    const row = this.#rows.find((cells) => cells.includes(text))
    return row !== undefined && TAB.headers.some((header) => header !== 'Pinned' && !this.#cell(row, header))
  }

  #cell(row: readonly Cell[], header: string): Cell {
    const headers = this.#rows.find((cells) => cells.includes(TAB.key)) ?? []
    return row[headers.indexOf(header)] ?? null
  }

  /** No write puts into a cell what stands there already. */
  #judgeEchoes(): void {
    for (const { key, header, value } of this.#facts('echo'))
      this.#complain(`${key} ${header}`, `"${value}" was written where it stood already`)
  }

  /** A reason stands beside every refused edit, and nowhere else. */
  #judgeReasons(): void {
    const refused = new Set([...this.#known.refused].map((at) => at.split(' ')[1] ?? ''))
    const at = this.#rows.findIndex((cells) => cells.includes(TAB.key))
    for (const row of this.#rows.slice(at + 1)) {
      const [key, reason] = [String(this.#cell(row, TAB.key) ?? ''), this.#cell(row, REASONS_COLUMN)]
      if (key === '') continue
      if (reason && !refused.has(key)) this.#complain(key, `"${reason}" stands there, and nothing is refused`)
      if (!reason && refused.has(key)) this.#complain(key, 'an edit is refused, and no reason stands there')
    }
  }
}
