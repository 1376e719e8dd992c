import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'

type Request = sheets_v4.Schema$Request

/** Key of the developer metadata that fences are. */
export const FENCE_KEY = 'prisma-writeback.fence'

/** Ids of developer metadata are positive 32-bit integers. */
const LARGEST_ID = 2 ** 31 - 1
const FIRST_IDS = 1_000_000_000

/** After this a call that was given up can no longer arrive; Google gives up after three minutes. */
const KEEP_MS = 60 * 60_000

/** Most fences that are kept at a time: a few thousand of the 30,000 characters that a spreadsheet may have. */
const MAX_KEPT = 50

/**
 * So often in a row a batch must be refused with a fence and accepted without, until fences are given up: once is what
 * people do who change something before each of the two attempts.
 */
const MAX_FALSE_REFUSALS = 3

const KEPT = ' kept'

interface Entry {
  readonly id: number
  readonly at: number
  /** True for one that must stay: a call that was given up may still arrive with its number. */
  readonly kept: boolean
}

/** What a batch carries for its fence. */
export interface FencePart {
  readonly id: number
  readonly requests: readonly Request[]
}

/**
 * Makes a batch refuse to be applied twice, or after another one. Every batch creates a developer metadata entry with
 * the next number and removes the one before; the API refuses a number that exists, and a batch as a whole. So of two
 * batches that were planned on the same state only one is applied, be they of two workers or a repetition of one.
 *
 * A number that was removed would be free again for a call that was given up and arrives late. Therefore the first
 * number after such a call, or after another worker, stays for an hour: it is the number that call carries. Until it is
 * there, nothing that was read may be relied on; where there is nothing to write, it is written alone.
 *
 * That a number which exists is refused is in Google's documentation ("Reusing a metadataId"); that it makes whole
 * batches apply once follows from batches being atomic.
 */
export class Fence {
  #isOn: boolean
  #isSuspended = false
  #entries: readonly Entry[] = []
  #isKnown = false
  #mayArrive = true
  #falseRefusals = 0
  /** Number of the batch that was made last; undefined for one without a fence. */
  #made: number | undefined
  /** Numbers of batches of this process of which nobody knows what became. */
  readonly #lost = new Set<number | undefined>()
  #last: number

  /** @param last the last number that is stored, 0 for none */
  constructor(isOn: boolean, last: number) {
    this.#isOn = isOn
    this.#last = last
  }

  /**
   * Chooses a number to begin with, at random: others may have metadata with small numbers.
   * @returns whether there was none
   */
  begin(): boolean {
    if (this.#last !== 0) return false
    this.#last = 1 + Math.floor(Math.random() * FIRST_IDS)
    return true
  }

  /** False once the API answered a fence in a way that is not documented: writes go on without. */
  get isOn(): boolean {
    return this.#isOn
  }

  /** True while a batch is tried without a fence, to see whether the fence is what is refused. */
  get isSuspended(): boolean {
    return this.#isSuspended
  }

  /** False when the entries that stand in the spreadsheet have to be looked up. */
  get isKnown(): boolean {
    return this.#isKnown || !this.#isOn
  }

  /**
   * True while a call that was given up, or one of another worker, may arrive yet: what is read may change until a
   * batch with a fence has been applied.
   */
  get hasPendingCall(): boolean {
    return this.#isOn && !this.#isSuspended && this.#mayArrive
  }

  /** The last number used. */
  get last(): number {
    return this.#last
  }

  /** Takes the entries that stand in the spreadsheet. */
  take(metadata: readonly sheets_v4.Schema$DeveloperMetadata[]): void {
    this.#entries = metadata
      .filter(({ metadataId, metadataKey }) => typeof metadataId === 'number' && metadataKey === FENCE_KEY)
      .map(({ metadataId, metadataValue }) => ({
        id: metadataId as number,
        at: Date.parse((metadataValue ?? '').replace(KEPT, '')) || 0,
        kept: metadataValue?.endsWith(KEPT) ?? false,
      }))
    this.#isKnown = true
  }

  /** The requests of the next batch; none when fences are off. */
  next(now: number): FencePart | undefined {
    this.#made = undefined
    if (!this.#isOn || this.#isSuspended) return undefined
    const id = this.#nextId()
    this.#made = id
    const value = new Date(now).toISOString() + (this.#mayArrive ? KEPT : '')
    const create: Request = {
      createDeveloperMetadata: {
        developerMetadata: {
          metadataId: id,
          metadataKey: FENCE_KEY,
          metadataValue: value,
          location: { spreadsheet: true },
          visibility: 'DOCUMENT',
        },
      },
    }
    const removals = this.#removable(now).map(
      (metadataId): Request => ({
        deleteDeveloperMetadata: { dataFilter: { developerMetadataLookup: { metadataId } } },
      }),
    )
    return { id, requests: [create, ...removals] }
  }

  /**
   * The batch with this number was applied.
   * @returns true when batches were lost before it, all of them with this number: none of them was applied, nor can be
   */
  applied(id: number, now: number): boolean {
    const removed = new Set(this.#removable(now))
    const entry = { id, at: now, kept: this.#mayArrive }
    this.#entries = [...this.#entries.filter((one) => !removed.has(one.id)), entry]
    this.#mayArrive = false
    this.#falseRefusals = 0
    this.#last = id
    const neverCame = this.#lost.size === 1 && this.#lost.has(id)
    this.#lost.clear()
    return neverCame
  }

  /** A batch was refused, or nobody knows what became of it: look at the entries before the next one. */
  outcomeUnknown(mayArrive: boolean): void {
    this.#isKnown = false
    this.#mayArrive ||= mayArrive
    if (mayArrive) this.#lost.add(this.#made)
  }

  suspend(): void {
    this.#isSuspended = this.#isOn
  }

  resume(): void {
    this.#isSuspended = false
  }

  /**
   * A batch that was refused with a fence was accepted without; the next one has a fence again.
   * @returns true when that has happened so often that the fence is at fault
   */
  acceptedUnfenced(): boolean {
    this.#isSuspended = false
    return ++this.#falseRefusals >= MAX_FALSE_REFUSALS
  }

  switchOff(): void {
    this.#isOn = false
    this.#isSuspended = false
  }

  #nextId(): number {
    const largest = Math.max(this.#last, ...this.#entries.map(({ id }) => id))
    return largest < LARGEST_ID ? largest + 1 : 1 + Math.floor(Math.random() * FIRST_IDS)
  }

  #removable(now: number): number[] {
    const kept = this.#entries
      .filter((entry) => entry.kept && now - entry.at < KEEP_MS)
      .sort((a, b) => b.at - a.at)
    const stay = new Set(kept.slice(0, MAX_KEPT))
    return this.#entries.filter((entry) => !stay.has(entry)).map(({ id }) => id)
  }
}
