import type { EditsFound } from '../../../inbound/inbox.ts'
import type { Outcome } from '../../../lane/outcome.ts'
import { byRecordId } from '../../../model/id-order.ts'
import { isRecordId } from '../../../model/record-id.ts'
import type { Base } from '../cells/base.ts'
import type { SheetCell } from '../cells/cell.ts'
import type { RowLooks } from '../cells/look.ts'
import type { SheetTarget } from '../config/target.ts'
import type { EditNote } from '../decide/decide-record.ts'
import type { Findings } from '../repair/findings.ts'
import { DamageLedger, type RecordsInHand } from '../repair/ledger.ts'
import { unclearRows } from '../repair/suspicion.ts'
import type { TargetProgress } from '../store/store.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'

/** A record that is still to be brought up to date. */
export interface Todo {
  /** Columns (of the mapping) that a call of ours wrote by mistake: what they show is nobody's edit. */
  overwritten: ReadonlySet<number>
  /** Of these, what the call wrote, where that is known: a cell that shows something else by now was typed into. */
  strays: ReadonlyMap<number, SheetCell>
  /** True when the row was removed by mistake: it has to come back, whatever the target says about removed rows. */
  mustExist: boolean
  /** Records of different groups are never written together: how a bad record is singled out. */
  group: number
  /** True for a record that nobody asked for: it is repaired. */
  repair: boolean
}

/** What people did to a record's row. */
interface EditsNoted {
  readonly edits: readonly EditNote[]
  /** Headers of cells that show what the database has, or had, again. */
  readonly withdrawn: readonly string[]
  /** What a row shows that is to become the record, by header. */
  readonly entry: object | undefined
  readonly deletes: boolean
}

/** Searches of a tab for what lost calls wrote, in one batch: people may move its columns under each. */
const MAX_SEARCHES = 3

/** The records of one target in one batch. */
export class TargetWork implements RecordsInHand {
  readonly target: SheetTarget
  readonly mapping: Mapping
  readonly memory: TabMemory
  readonly todo = new Map<string, Todo>()
  /** Records of which no change has told that they are deleted, should they be, with the time of what asks for them. */
  readonly unseen = new Map<string, Date>()
  /** Records that were written, removed, repaired. */
  written = 0
  removed = 0
  repaired = 0
  /** Records that are as they should be now, whether they had to be written or not. */
  done = 0
  /** True when the tab cannot be used as it is. */
  isRefused = false
  /** True when a record that was damaged could not be repaired. */
  leftDamaged = false
  readonly damage = new DamageLedger()
  #searches = 0
  /** See {@link addOnce}. */
  readonly #added = new Set<string>()
  /** What people typed, by record, until it is in the inbox. */
  readonly #edits = new Map<string, EditsNoted>()
  /** See {@link noteLooks}: by record, then column of the tab. */
  readonly misplacedMarks = new Map<string, RowLooks>()
  /** True when the key column is to be read even if no record is to be brought up to date. */
  needsFullRead = false
  readonly #held = new Map<string, Outcome>()
  readonly #settle: (id: string, outcome: Outcome) => void

  constructor(
    mapping: Mapping,
    memory: TabMemory,
    ids: Iterable<string>,
    settle: (id: string, outcome: Outcome) => void,
  ) {
    this.target = mapping.target
    this.mapping = mapping
    this.memory = memory
    this.#settle = settle
    // New rows stand in the order of their keys.
    for (const id of [...ids].sort(byRecordId(mapping.model))) this.add(id)
  }

  get isDone(): boolean {
    return this.todo.size === 0 && !this.needsFullRead
  }

  isPending(id: string): boolean {
    return this.todo.has(id)
  }

  /** A record that nobody asked for is to be put right; undefined for a key that can be no record's, but people's. */
  repair(id: string): Todo | undefined {
    return isRecordId(this.mapping.model, id, this.mapping.enums) ? this.add(id, true) : undefined
  }

  /** A key that is no record's is left alone. */
  ignore(id: string): void {
    this.todo.delete(id)
  }

  add(id: string, repair = false): Todo {
    const known = this.todo.get(id)
    if (known) return known
    const todo: Todo = { overwritten: new Set(), strays: new Map(), mustExist: false, group: 0, repair }
    this.todo.set(id, todo)
    // What its row showed when it was settled may have been written over since.
    this.#edits.delete(id)
    return todo
  }

  /**
   * Records that are looked at with those in hand. One that is through already, and may have failed, is not taken up again.
   * @returns whether there are any
   */
  addOnce(ids: readonly string[]): boolean {
    const more = ids.filter((id) => !this.todo.has(id) && !this.#added.has(id))
    for (const id of more) {
      this.#added.add(id)
      this.add(id)
    }
    return more.length > 0
  }

  /** A record that stood where another was expected, and was written over in these columns. */
  markOverwritten(id: string, columns: ReadonlySet<number>): void {
    const todo = this.repair(id)
    if (todo) todo.overwritten = new Set([...todo.overwritten, ...columns])
  }

  /** Cells of a record's row that show what a call wrote that was for another record: by column of the mapping. */
  markStrays(id: string, cells: ReadonlyMap<number, SheetCell>): void {
    this.markOverwritten(id, new Set(cells.keys()))
    const todo = this.todo.get(id)
    if (todo) todo.strays = new Map([...todo.strays, ...cells])
  }

  /** Takes over what a search for damage found. */
  apply(found: Findings): void {
    for (const id of found.repairs) this.repair(id)
    for (const id of found.removedByMistake) this.add(id, true).mustExist = true
    for (const [id, columns] of found.overwritten) this.markOverwritten(id, columns)
    this.damage.apply(found)
  }

  /** What {@link markOverwritten} noted of records that are not put right yet: headers by record, without strays. */
  get overwritten(): ReadonlyMap<string, readonly string[]> {
    const found = [...this.todo].map(([id, { overwritten, strays }]) => {
      const columns = [...overwritten].filter((at) => !strays.has(at))
      return [id, columns.flatMap((at) => this.mapping.columns[at]?.header ?? [])] as const
    })
    return new Map(found.filter(([, headers]) => headers.length > 0))
  }

  /** What {@link markStrays} noted of records that are not put right yet: cells by header, by record. */
  get strays(): ReadonlyMap<string, Base> {
    const found = [...this.todo].map(([id, { strays }]) => {
      const cells = [...strays].map(([at, cell]) => [this.mapping.columns[at]?.header ?? '', cell] as const)
      return [id, Object.fromEntries(cells)] as const
    })
    return new Map(found.filter(([, cells]) => Object.keys(cells).length > 0))
  }

  /** Takes note of what cells looked like into which a call put marks that were for other rows. */
  noteLooks(before: ReadonlyMap<string, RowLooks>): void {
    for (const [id, looks] of before)
      this.misplacedMarks.set(id, new Map([...(this.misplacedMarks.get(id) ?? []), ...looks]))
  }

  /** A record is through. It is reported with {@link report}. */
  settle(id: string, outcome: Outcome): void {
    const todo = this.todo.get(id)
    if (!this.todo.delete(id)) return
    if (outcome.status === 'done') this.done++
    if (todo?.repair) {
      if (outcome.status === 'done') this.repaired++
      else this.leftDamaged = true
    }
    this.misplacedMarks.delete(id)
    this.#held.set(id, outcome)
  }

  /** True while the tab is to be searched for what lost calls wrote. */
  get awaitsSearch(): boolean {
    return !this.memory.lostCalls.isEmpty && this.#searches < MAX_SEARCHES
  }

  /** The tab is being searched for what lost calls wrote. */
  beginSearch(): void {
    this.#searches++
  }

  /** True when nothing is to be repaired, nor to be searched for. */
  get isClean(): boolean {
    const isSearched = this.damage.suspicion === undefined && !this.awaitsSearch
    return isSearched && ![...this.todo.values()].some(({ repair }) => repair)
  }

  /** Reports what is settled, unless something is to be repaired: "done" means that the tab is in order. */
  release(): void {
    if (this.isClean) this.report()
  }

  /** Somebody typed into cells of a record, or took back what was typed: headers. */
  noteEdits(id: string, noted: EditsNoted): void {
    this.#edits.set(id, noted)
  }

  /** What was noted of edits; it is forgotten here. @param zone the spreadsheet's time zone */
  takeEdits(zone: string): EditsFound | undefined {
    if (this.#edits.size === 0) return undefined
    const all = [...this.#edits]
    this.#edits.clear()
    const edits = all.flatMap(([id, one]) => one.edits.map((edit) => ({ id, ...edit })))
    const whole = (id: string, kind: 'create' | 'remove', shown: object | null) => [
      { id, kind, column: '', base: null, shown, zone },
    ]
    return {
      edits: [
        ...edits.map(({ id, header, base, shown, isOld }) => ({
          ...{ id, kind: 'change' as const, column: header, base, shown, zone, isAgain: isOld },
        })),
        ...all.flatMap(([id, { entry }]) => (entry ? whole(id, 'create', entry) : [])),
        ...all.flatMap(([id, { deletes }]) => (deletes ? whole(id, 'remove', null) : [])),
      ],
      withdrawn: all.flatMap(([id, one]) => one.withdrawn.map((column) => ({ id, column }))),
    }
  }

  /** Reports everything that is settled. */
  report(): void {
    for (const [id, outcome] of this.#held) this.#settle(id, outcome)
    this.#held.clear()
  }

  /** Settles what is not about damage that this batch did, or found. */
  keepRepairs(outcome: Outcome): void {
    const unclear = new Set(unclearRows(this.damage.leftovers).map(({ id }) => id))
    for (const [id, { repair, overwritten, mustExist }] of [...this.todo]) {
      if (!repair && overwritten.size === 0 && !mustExist && !unclear.has(id)) this.settle(id, outcome)
    }
    this.needsFullRead = !this.damage.isEmpty
  }

  /** What the batch did, for `sync_target`. @param apiCalls calls that count for this target */
  progress(apiCalls: number): TargetProgress {
    const succeeded = this.done > 0 && !this.isRefused
    const { written: rowsWritten, removed: rowsRemoved, repaired } = this
    return { succeeded, apiCalls, rowsWritten, rowsRemoved, repaired }
  }

  settleAll(outcome: Outcome): void {
    this.needsFullRead = false
    for (const id of [...this.todo.keys()]) this.settle(id, outcome)
  }
}
