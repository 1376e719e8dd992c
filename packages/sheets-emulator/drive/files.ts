/** A spreadsheet as Drive sees it. */
export interface DriveFile {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly modifiedAt: number
  /** Grows with every change of the file. */
  readonly version: number
  /** Token of who changed it last; undefined for a person. */
  readonly modifiedBy: string | undefined
  readonly removed: boolean
}

/** An entry of the list of changes. */
export interface DriveChange {
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly file: DriveFile
}

/** A page of changes. One of the two tokens is there. */
export interface ChangesPage {
  readonly changes: readonly DriveChange[]
  readonly nextPageToken: number | undefined
  readonly newStartPageToken: number | undefined
}

/**
 * The files of the Drive: which spreadsheets there are, who changed them last, and the list of changes. A file has one
 * entry in the list, the latest. Page tokens are the numbers of entries, as in answers of the real API. They begin with
 * the time of the start, so that a token of an earlier run is still a place in the list.
 */
export class DriveFiles {
  readonly #now: () => number
  readonly #files = new Map<string, DriveFile>()
  /** In the order of their numbers: a changed file moves to the end. */
  readonly #changes = new Map<string, DriveChange>()
  /** Changed files that the list does not show yet, with the time from which it does. */
  readonly #unlisted = new Map<string, number>()
  #next: number
  #actor: string | undefined
  #lagMs = 0

  /** @param now clock in ms, for tests */
  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#next = now()
  }

  get lagMs(): number {
    return this.#lagMs
  }

  /**
   * From now on the list shows a change of a file only after `ms`, with all that changed meanwhile. Google's does so: users
   * see changes of a sheet up to three minutes late (googleapis/google-api-go-client#444).
   */
  lag(ms: number): void {
    this.#lagMs = ms
    // What waits already waits no longer than that.
    const due = this.#now() + ms
    for (const [id, before] of this.#unlisted) this.#unlisted.set(id, Math.min(before, due))
  }

  /** What `work` changes is changed by the caller with the token; everything else is changed by a person. */
  by<T>(token: string | undefined, work: () => T): T {
    const before = this.#actor
    this.#actor = token
    try {
      return work()
    } finally {
      this.#actor = before
    }
  }

  /** Notes that a spreadsheet was made or changed. */
  touch(id: string): void {
    const at = this.#now()
    const { createdAt, version } = this.#files.get(id) ?? { createdAt: at, version: 0 }
    this.#put({
      ...{ id, createdAt, modifiedAt: at, version: version + 1, modifiedBy: this.#actor, removed: false },
    })
  }

  /** Notes that a spreadsheet was deleted. */
  remove(id: string): void {
    const file = this.#files.get(id)
    if (file) this.#put({ ...file, version: file.version + 1, removed: true })
  }

  /** A file as it is now; undefined when there is none, or no more. */
  find(id: string): DriveFile | undefined {
    const file = this.#files.get(id)
    return file?.removed ? undefined : file
  }

  /** The token of what changes from now on. */
  startPageToken(): number {
    this.#list()
    return this.#next
  }

  /** Changes from the one with the number `from` on, at most `size`; undefined for a number that is not reached yet. */
  page(from: number, size: number): ChangesPage | undefined {
    this.#list()
    if (from > this.#next) return undefined
    const left = [...this.#changes.values()].filter(({ sequence }) => sequence >= from)
    const changes = left.slice(0, size)
    const nextPageToken = left[size]?.sequence
    return {
      changes,
      nextPageToken,
      newStartPageToken: nextPageToken === undefined ? this.#next : undefined,
    }
  }

  #put(file: DriveFile): void {
    this.#files.set(file.id, file)
    if (!this.#unlisted.has(file.id)) this.#unlisted.set(file.id, this.#now() + this.#lagMs)
    if (this.#lagMs === 0) this.#list()
  }

  /** Moves what is due into the list. */
  #list(): void {
    const now = this.#now()
    for (const [id, due] of this.#unlisted) {
      const file = this.#files.get(id)
      if (due > now || !file) continue
      this.#unlisted.delete(id)
      this.#changes.delete(id)
      this.#changes.set(id, { sequence: this.#next++, at: file.modifiedAt, file })
    }
  }
}
