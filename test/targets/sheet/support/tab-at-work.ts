import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome, SheetWriter, SheetWriterOptions } from '../../../../src/targets/sheet/index.ts'
import { Random } from '../../../../torture/random.ts'
import { type Stage, setStage } from './stage.ts'

/** In two of the columns a person's value stays, so that a value of ours which is taken for theirs stays too. */
const COLUMNS = [
  { header: 'Name', field: 'name' },
  { header: 'Code', field: 'code', conflict: 'sheet-wins' },
  { header: 'Seats', field: 'seats' },
  { header: 'Rating', field: 'rating', conflict: 'manual' },
] as const

const HEADERS = COLUMNS.map(({ header }) => header)

type Shown = Awaited<ReturnType<Stage['person']['see']>>

/** A tab in which an application and people work at random, as a seed says. */
export class TabAtWork {
  readonly stage: Stage
  readonly random: Random
  readonly #seed: number
  /** Records that are not in the sheet as they are. */
  readonly #dirty = new Set<string>()
  /** Records whose row somebody deleted: it comes back with the next change. */
  readonly #deleted = new Set<string>()
  /** Records as they were before they were changed last. */
  readonly #before = new Map<string, object | undefined>()
  #texts = 0

  /** Sets the stage: ten records are in the tab, and a column of people's beside them. */
  static async open(seed: number, options: Partial<SheetWriterOptions> = {}): Promise<TabAtWork> {
    const tab = new TabAtWork(seed, await setStage({ columns: COLUMNS }, options))
    for (let index = 0; index < 10; index++) tab.#change(`r${index}`)
    await tab.writeAll()
    await tab.stage.person.type("'Trips'!F1", [['Remarks']])
    return tab
  }

  private constructor(seed: number, stage: Stage) {
    this.#seed = seed
    this.random = new Random(seed)
    this.stage = stage
  }

  /** Records that are to be written. */
  get dirty(): readonly string[] {
    return [...this.#dirty]
  }

  /** Changes, makes or removes some records. */
  changeSome(): void {
    this.#before.clear()
    const most = this.random.chance(0.3) ? 14 : 4
    for (let changes = this.random.between(1, most); changes > 0; changes--)
      this.#change(`r${this.random.between(0, 13)}`)
  }

  /** Makes records what they were before they were changed last. */
  changeBack(): void {
    const { records, target } = this.stage
    for (const [id, record] of this.#before) {
      if (record) records.put(target, id, record)
      else records.remove(target, id)
    }
  }

  #changeDeleted(): void {
    for (const id of this.#deleted) this.#dirty.add(id)
    this.#deleted.clear()
  }

  #change(id: string): void {
    const { stage, random } = this
    this.#dirty.add(id)
    if (!this.#before.has(id)) this.#before.set(id, stage.records.get(stage.target, id))
    if (random.chance(0.15)) {
      stage.records.remove(stage.target, id)
      return
    }
    stage.records.put(stage.target, id, {
      name: random.chance(0.3) ? 'same' : `name ${++this.#texts}`,
      code: random.chance(0.2) ? null : `code ${++this.#texts}`,
      seats: random.between(1, 100),
      rating: random.chance(0.3) ? null : random.between(1, 50),
    })
  }

  /** Writes until every record is done. */
  async writeAll(writer?: SheetWriter): Promise<void> {
    for (let tries = 0; this.#dirty.size > 0 && tries < 100; tries++) {
      const outcomes: ReadonlyMap<string, Outcome> = await this.stage.write(this.dirty, undefined, writer)
      for (const [id, { status }] of outcomes) if (status === 'done') this.#dirty.delete(id)
      if (this.#dirty.size > 0) await sleep(100)
      else this.#changeDeleted()
    }
  }

  /** What a batch left open is put right by the next one. */
  async tidyUp(writer?: SheetWriter): Promise<void> {
    await this.stage.write(['none'], undefined, writer)
  }

  /** Somebody does something. @returns what it was */
  async act(): Promise<string> {
    const { doing, deleted } = await act(this.stage, this.random)
    for (const id of deleted) this.#deleted.add(id)
    return doing
  }

  /**
   * @param withRemarks whether remarks have to stand beside the record that they are of
   * @throws {Error} that tells what is wrong in the tab, with what was done before
   */
  async expectInOrder(step: number, done: readonly string[], withRemarks = true): Promise<void> {
    const found = await judge(this.stage, withRemarks)
    if (this.#dirty.size > 0) found.push(`not written: ${this.dirty}`)
    if (found.length === 0) return
    const rows = (await this.stage.person.see()).map((cells) => JSON.stringify(cells))
    const lines = [`seed ${this.#seed}, step ${step}: ${found.join('; ')}`, ...done, ...rows]
    throw new Error(lines.join('\n  '))
  }
}

const columnName = (index: number) => String.fromCharCode(65 + index)

/** What somebody did, and the records that may have lost their row by it. */
interface Act {
  readonly doing: string
  readonly deleted: readonly string[]
}

/** Somebody does something to rows, columns, or cells of their own. */
async function act(stage: Stage, random: Random): Promise<Act> {
  const { person, records, target } = stage
  const [header = [], ...others] = await person.see()
  const remarks = columnName(header.indexOf('Remarks'))
  const row = random.between(1, Math.max(1, others.length))
  const keyOf = (cells: Shown[number] | undefined) => String(cells?.[header.indexOf('ID')] ?? '')
  switch (random.between(0, 6)) {
    case 0: {
      const column = random.between(0, 3)
      await person.sort(column, random.of(['ASCENDING', 'DESCENDING']))
      return { doing: `sort by ${header[column]}`, deleted: [] }
    }
    case 1:
      await person.insert('ROWS', row)
      return { doing: `insert row ${row}`, deleted: [] }
    case 2:
      await person.insert('ROWS', row)
      await person.type(`'Trips'!${remarks}${row + 1}`, [[`own ${random.salt()}`]])
      return { doing: `own row ${row}`, deleted: [] }
    case 3: {
      const before = random.between(1, others.length + 1)
      if (before !== row && before !== row + 1) await person.move('ROWS', row, before)
      return { doing: `move row ${row} before ${before}`, deleted: [] }
    }
    case 4: {
      const from = random.between(0, header.length - 1)
      const before = random.between(0, header.length)
      if (before !== from && before !== from + 1) await person.move('COLUMNS', from, before)
      return { doing: `move column ${from} before ${before}`, deleted: [] }
    }
    case 5: {
      const keys = new Set(others.map(keyOf))
      const key = keyOf(others[row - 1])
      await person.delete('ROWS', row)
      // Without its key a row is that of a record which has none.
      const deleted = records.ids(target).filter((id) => id === key || !keys.has(id))
      return { doing: `delete row ${row}`, deleted }
    }
    default: {
      const keyed = others.flatMap((cells, at) => (keyOf(cells) ? [{ key: keyOf(cells), line: at + 2 }] : []))
      if (keyed.length === 0) return { doing: 'nothing', deleted: [] }
      const { key, line } = random.of(keyed)
      await person.type(`'Trips'!${remarks}${line}`, [[`of ${key}`]])
      return { doing: `remark of ${key}`, deleted: [] }
    }
  }
}

/** Everything that is wrong in the tab. */
async function judge({ person, records, target, sql }: Stage, withRemarks: boolean): Promise<string[]> {
  const [header = [], ...rows] = await person.see()
  const at = (cells: Shown[number], name: string) => cells[header.indexOf(name)] ?? ''
  const known = (await records.read(target, records.ids(target))).records
  const seen = new Set<string>()
  const found: string[] = []
  // A remark that was put beside a key which was none for a moment is nobody's.
  const isOfRecord = (remark: string) => withRemarks && /^of r\d+$/.test(remark)
  for (const cells of rows) {
    const key = String(at(cells, 'ID'))
    const remark = String(at(cells, 'Remarks'))
    if (key === '') {
      if (HEADERS.some((name) => at(cells, name) !== '')) found.push(`left over: ${JSON.stringify(cells)}`)
      if (isOfRecord(remark)) found.push(`the row of a remark lost its key: ${remark}`)
      continue
    }
    const record = known.get(key) as Readonly<Record<string, Shown[number][number]>> | undefined
    if (!record) found.push(`no record: ${JSON.stringify(cells)}`)
    if (seen.has(key)) found.push(`doubled: ${key}`)
    seen.add(key)
    if (withRemarks && remark.startsWith('own '))
      found.push(`a row of theirs got a key: ${JSON.stringify(cells)}`)
    if (isOfRecord(remark) && remark !== `of ${key}`) found.push(`a remark ${remark} beside ${key}`)
    const wrong = record && HEADERS.filter((name) => at(cells, name) !== (record[name.toLowerCase()] ?? ''))
    if (wrong && wrong.length > 0) found.push(`stale: ${key} in ${wrong.join(', ')}`)
  }
  for (const id of known.keys()) if (!seen.has(id)) found.push(`missing: ${id}`)
  const conflicts = await sql.query('select record_key, column_name, sheet from sync_conflict where open')
  for (const conflict of conflicts) found.push(`nobody has typed there: ${JSON.stringify(conflict)}`)
  return found
}
