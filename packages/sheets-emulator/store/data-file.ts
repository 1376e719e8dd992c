import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { loadSnapshot, snapshotLines } from './snapshot.ts'
import type { SpreadsheetStore } from './spreadsheets.ts'

/** At most this often, and never more than a tenth of the time. */
const SAVE_EVERY_MS = 500

/**
 * Keeps all spreadsheets in a file: read at the start, written some moments after a change, in small steps
 * between calls, to a file beside it that takes its place when it is complete. A crash loses the last moments;
 * {@link close} loses nothing.
 */
export class DataFile {
  readonly #path: string
  readonly #store: SpreadsheetStore
  readonly #unwatch: () => void
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> | undefined
  #dirty = false
  #closed = false
  #lastMs = 0

  /**
   * @param path of the file; it need not exist
   * @throws Error when there is a file that is not a snapshot
   */
  constructor(path: string, store: SpreadsheetStore) {
    this.#path = path
    this.#store = store
    for (const spreadsheet of load(path)) store.add(spreadsheet)
    this.#unwatch = store.watch(() => this.#changed())
  }

  /** Saves what is not saved yet and stops. */
  async close(): Promise<void> {
    this.#closed = true
    this.#unwatch()
    clearTimeout(this.#timer)
    await this.#saving
    if (this.#dirty) await this.#save(() => undefined)
  }

  #changed(): void {
    this.#dirty = true
    if (this.#timer || this.#saving || this.#closed) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#saving = this.#save(() => (this.#closed ? undefined : breathe()))
          .then(() => this.#saved())
          .catch((error: unknown) => this.#failed(error))
      },
      Math.max(SAVE_EVERY_MS, 10 * this.#lastMs),
    )
    this.#timer.unref()
  }

  #saved(): void {
    this.#saving = undefined
    if (this.#dirty) this.#changed()
  }

  /** Tries again with the next change. */
  #failed(error: unknown): void {
    this.#saving = undefined
    process.stderr.write(`sheets-emulator: cannot save ${this.#path}: ${error}\n`)
  }

  async #save(pause: () => Promise<unknown> | undefined): Promise<void> {
    const started = performance.now()
    this.#dirty = false
    const lines = snapshotLines(this.#store.all())
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      const file = openSync(temporary, 'w')
      try {
        for (const line of lines) {
          writeSync(file, `${line}\n`)
          const waiting = pause()
          if (waiting) await waiting
        }
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, this.#path)
    } catch (error) {
      this.#dirty = true
      rmSync(temporary, { force: true })
      throw error
    }
    this.#lastMs = performance.now() - started
  }
}

function load(path: string): Spreadsheet[] {
  if (!existsSync(path)) return []
  try {
    return loadSnapshot(readLines(path))
  } catch (error) {
    throw new Error(`cannot read ${path}: ${error instanceof Error ? error.message : error}`)
  }
}

/** The lines of a file that may be too large for one string. */
function* readLines(path: string): Generator<string> {
  const file = openSync(path, 'r')
  const decoder = new StringDecoder('utf8')
  const chunk = Buffer.alloc(1 << 20)
  let rest = ''
  try {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, size))).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    yield rest + decoder.end()
  } finally {
    closeSync(file)
  }
}
