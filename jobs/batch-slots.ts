/** How the slots of a queue fetch. */
export interface SlotSource<Job, Result> {
  /** Slots that are there at rest. */
  readonly atRest: number
  /** Slots at most, however many batches take their time. */
  readonly most: number
  /** Tells that the worker ends: no slot opens any more. */
  readonly leaving: AbortSignal
  /**
   * Begins to fetch batches, one after the other, for one slot.
   * @param handle called with each batch; the next one is fetched when it has ended
   * @returns an id of it for `notify` and `close`
   */
  open(handle: (jobs: Job[]) => Promise<Result>): Promise<string>
  /** Has it fetch at once, or as soon as its batch has ended. */
  notify(id: string): void
  /** Has it fetch no more; the batch in hand is finished. */
  close(id: string): void
  /** Told why one more slot could not be opened; the others go on. */
  failed(error: unknown): void
}

interface Slot {
  id?: string
  isBusy: boolean
}

/**
 * The slots in which a worker handles batches, one batch each, as leader and followers: one that has taken a batch has
 * another one look for what is left, so that a slow batch holds up nothing but itself. Where all are taken, one more opens;
 * it ends when its batch has, unless no other is free.
 */
export class BatchSlots<Job, Result> {
  readonly #source: SlotSource<Job, Result>
  readonly #handle: (jobs: Job[]) => Promise<Result>
  readonly #slots = new Set<Slot>()

  /** @param handle handles a batch */
  constructor(source: SlotSource<Job, Result>, handle: (jobs: Job[]) => Promise<Result>) {
    this.#source = source
    this.#handle = handle
  }

  /** Opens the slots that are there at rest. */
  async open(): Promise<void> {
    for (let slots = 0; slots < this.#source.atRest; slots++) await this.#open()
  }

  /** Has a free slot fetch: there may be something to do. Where none is free, the next one that is will look anyway. */
  wake(): void {
    const { most, leaving, notify, failed } = this.#source
    const free = this.#free()
    if (free?.id !== undefined) notify(free.id)
    else if (!free && !leaving.aborted && this.#slots.size > 0 && this.#slots.size < most)
      this.#open().catch(failed)
  }

  #free(): Slot | undefined {
    return [...this.#slots].find(({ isBusy }) => !isBusy)
  }

  async #open(): Promise<void> {
    const slot: Slot = { isBusy: false }
    this.#slots.add(slot)
    try {
      slot.id = await this.#source.open(async (jobs) => {
        slot.isBusy = true
        this.wake()
        try {
          return await this.#handle(jobs)
        } finally {
          this.#release(slot)
        }
      })
    } catch (error) {
      this.#slots.delete(slot)
      throw error
    }
  }

  #release(slot: Slot): void {
    const isOneTooMany = this.#slots.size > this.#source.atRest && this.#free() !== undefined
    slot.isBusy = false
    if (slot.id === undefined) return
    if (isOneTooMany) {
      this.#slots.delete(slot)
      this.#source.close(slot.id)
    } else this.#source.notify(slot.id)
  }
}
