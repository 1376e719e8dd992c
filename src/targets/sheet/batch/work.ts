import type { SheetTarget } from '../../../config/target.ts'
import type { Outcome } from '../../../lane/outcome.ts'
import { byRecordId } from '../../../model/id-order.ts'
import { isRecordId } from '../../../model/record-id.ts'
import { type Leftover, type Suspicion, unclearRows } from '../repair/damage.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { TabMemory } from '../tab/memory.ts'

/** A record that is still to be brought up to date. */
export interface Todo {
  /** Columns (of the mapping) that a write of ours spoiled: what they show is nobody's edit. */
  spoiled: ReadonlySet<number>
  /** True when the row was removed by mistake: it has to come back, whatever the target says about removed rows. */
  mustExist: boolean
  /** Records of different groups are never written together: how a bad record is singled out. */
  group: number
  /** True for a record that nobody asked for: it is repaired. */
  repair: boolean
}

/** The records of one target in one batch. */
export class TargetWork {
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
  /** Rows of records whose key was written over. */
  readonly unkeyed = new Map<string, number>()
  /** Records to be decided with what is read next. */
  readonly postponed = new Set<string>()
  /** What has to be looked for in the next read. */
  suspicion: Suspicion | undefined
  /** What was looked for in the last read. */
  lookedFor: Pick<TargetWork, 'suspicion' | 'leftovers'> | undefined
  /** What may stand where it does not belong, by earlier batches as well, until it is taken out. */
  leftovers: readonly Leftover[] = []
  /** Leftovers that a write was to take out, and from which row: it may have done so in part. */
  readonly attempted = new WeakMap<Leftover, number>()
  /** True when some of this is of an earlier batch: other workers may have gone on in between. */
  isResumed = false
  /** True when the key column is to be read even if no record is to be brought up to date. */
  mustLook = false
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

  /** Whether something is to be looked for, or taken out. */
  get isDamaged(): boolean {
    return this.suspicion !== undefined || this.leftovers.length > 0
  }

  get isDone(): boolean {
    return this.todo.size === 0 && !this.mustLook
  }

  /** A record that nobody asked for is to be put in order; undefined for a key that can be no record's, but people's. */
  repair(id: string): Todo | undefined {
    return isRecordId(this.mapping.model, id, this.mapping.enums) ? this.add(id, true) : undefined
  }

  /** A key that is no record's is left alone. */
  leave(id: string): void {
    this.todo.delete(id)
  }

  add(id: string, repair = false): Todo {
    const known = this.todo.get(id)
    if (known) return known
    const todo = { spoiled: new Set<number>(), mustExist: false, group: 0, repair }
    this.todo.set(id, todo)
    return todo
  }

  /** What was damaged in a tab that is gone does not matter any more. */
  forgetDamage(): void {
    this.suspicion = undefined
    this.lookedFor = undefined
    this.leftovers = []
  }

  /** A record that stood where another was expected, and was written over in these columns. */
  spoil(id: string, columns: ReadonlySet<number>): void {
    const todo = this.repair(id)
    if (todo) todo.spoiled = new Set([...todo.spoiled, ...columns])
  }

  /** What {@link spoil} noted of records that are not put right yet: headers by record. */
  get spoiled(): ReadonlyMap<string, readonly string[]> {
    const { columns } = this.mapping
    const headers = (indices: ReadonlySet<number>) => [...indices].flatMap((at) => columns[at]?.header ?? [])
    const found = [...this.todo].filter(([, { spoiled }]) => spoiled.size > 0)
    return new Map(found.map(([id, { spoiled }]) => [id, headers(spoiled)]))
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
    this.#held.set(id, outcome)
  }

  /** Reports what is settled, unless something is to be repaired: "done" means that the tab is in order. */
  release(): void {
    const isClean = this.suspicion === undefined && ![...this.todo.values()].some(({ repair }) => repair)
    if (isClean) this.report()
  }

  /** Reports everything that is settled. */
  report(): void {
    for (const [id, outcome] of this.#held) this.#settle(id, outcome)
    this.#held.clear()
  }

  /** Settles what is not about damage that this batch did, or found. */
  keepRepairs(outcome: Outcome): void {
    const unclear = new Set(unclearRows(this.leftovers).map(({ id }) => id))
    for (const [id, { repair, spoiled, mustExist }] of [...this.todo]) {
      if (!repair && spoiled.size === 0 && !mustExist && !unclear.has(id)) this.settle(id, outcome)
    }
    this.mustLook = this.isDamaged
  }

  settleAll(outcome: Outcome): void {
    this.mustLook = false
    for (const id of [...this.todo.keys()]) this.settle(id, outcome)
  }
}
