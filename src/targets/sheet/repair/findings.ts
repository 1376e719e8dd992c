import { isRecordId } from '../../../model/record-id.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import type { Mapping } from '../tab/mapping.ts'
import type { LedgerChange } from './ledger.ts'
import type { Leftover } from './suspicion.ts'

/** What a search for damage found: changes nothing by itself. */
export class Findings implements LedgerChange {
  readonly #mapping: Mapping
  /** Records that are to be put right, though nobody may have asked for them. */
  readonly repairs = new Set<string>()
  /** Records whose row was removed by mistake: it comes back, whatever the target says about removed rows. */
  readonly removedByMistake = new Set<string>()
  /** Columns (of the mapping) of records that show what a call of ours wrote: nobody's edit. */
  readonly overwritten = new Map<string, ReadonlySet<number>>()
  /** Rows of records whose key was written over. */
  readonly rowsToRekey = new Map<string, number>()
  /** What takes out again what is left over. */
  removals: readonly RecordDecision[] = []
  isDeferred = false
  leftovers: readonly Leftover[] = []
  readonly attempts = new Map<Leftover, number>()

  constructor(mapping: Mapping) {
    this.#mapping = mapping
  }

  /** A record is to be put right. @returns false for a key that can be no record's, but people's */
  repair(id: string): boolean {
    const isId = isRecordId(this.#mapping.model, id, this.#mapping.enums)
    if (isId) this.repairs.add(id)
    return isId
  }

  /** Whether a row that shows a record's key is another record's, or nobody's, and gets another key now, or none. */
  losesKey(row: number, id: string): boolean {
    const isGiven = [...this.rowsToRekey].some(([other, at]) => at === row && other !== id)
    return (
      isGiven ||
      this.removals.some(({ action }) => action.kind === 'empty' && action.withKey && action.row === row)
    )
  }

  markOverwritten(id: string, columns: ReadonlySet<number>): void {
    if (this.repair(id)) this.overwritten.set(id, new Set([...(this.overwritten.get(id) ?? []), ...columns]))
  }
}
