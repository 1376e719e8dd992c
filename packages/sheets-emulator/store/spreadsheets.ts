import { randomBytes } from 'node:crypto'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { DriveFiles } from '../drive/files.ts'
import { ApiError } from '../model/errors.ts'
import { Spreadsheet } from '../model/spreadsheet.ts'
import { contentRequests } from '../requests/contents.ts'
import { applyRequests } from '../requests/index.ts'
import { createTab } from '../requests/sheets.ts'
import { DEFAULT_FORMAT, DEFAULT_THEME } from '../values/default-format.ts'
import { assertLocale, assertTimeZone } from '../values/locale.ts'

/** All spreadsheets of a server, by id. */
export class SpreadsheetStore {
  readonly #spreadsheets = new Map<string, Spreadsheet>()
  readonly #listeners = new Set<() => void>()
  /** What Drive knows of them. */
  readonly files = new DriveFiles()

  /** In the order of creation. */
  all(): Spreadsheet[] {
    return [...this.#spreadsheets.values()]
  }

  get(id: string): Spreadsheet | undefined {
    return this.#spreadsheets.get(id)
  }

  /** @throws ApiError 404 when there is none (recorded text) */
  find(id: string): Spreadsheet {
    const spreadsheet = this.#spreadsheets.get(id)
    if (!spreadsheet) throw new ApiError(404, 'NOT_FOUND', 'Requested entity was not found.')
    return spreadsheet
  }

  /**
   * Creates a spreadsheet: without tabs in the request it has one, Sheet1 with id 0, 1000 x 26 (recorded).
   *
   * @param id a chosen id; by default one that looks like Google's
   * @throws ApiError 400 when the id is taken, or something of the request is not valid; 501 for a part that is not emulated
   */
  create(request: sheets_v4.Schema$Spreadsheet, id: string = newId()): Spreadsheet {
    if (this.#spreadsheets.has(id)) {
      throw new ApiError(400, 'INVALID_ARGUMENT', `A spreadsheet with the id ${id} already exists.`)
    }
    const properties = request.properties ?? {}
    if (properties.locale != null) assertLocale(properties.locale)
    if (properties.timeZone != null) assertTimeZone(properties.timeZone)
    const spreadsheet = new Spreadsheet(id, {
      title: properties.title ?? 'Untitled spreadsheet',
      locale: properties.locale ?? 'en_US',
      autoRecalc: properties.autoRecalc ?? 'ON_CHANGE',
      timeZone: properties.timeZone ?? 'Etc/GMT',
      defaultFormat: DEFAULT_FORMAT,
      spreadsheetTheme: DEFAULT_THEME,
    })
    const sheets = request.sheets?.length ? request.sheets : [{ properties: {} }]
    spreadsheet.transact(() => {
      for (const [index, sheet] of sheets.entries()) {
        const defaults = index === 0 && sheet.properties?.sheetId == null ? { sheetId: 0 } : {}
        const tab = createTab(spreadsheet, { ...defaults, ...sheet.properties })
        spreadsheet.tabs = [...spreadsheet.tabs, tab]
      }
      const contents = contentRequests(spreadsheet, request)
      if (contents.length > 0) {
        applyRequests({ spreadsheet, guard: () => {}, find: (other) => this.find(other) }, contents)
      }
    })
    this.add(spreadsheet)
    return spreadsheet
  }

  /** Adds a spreadsheet that was made or loaded elsewhere. */
  add(spreadsheet: Spreadsheet): void {
    this.#spreadsheets.set(spreadsheet.id, spreadsheet)
    spreadsheet.watch(() => this.#changed(spreadsheet.id))
    this.#changed(spreadsheet.id)
  }

  /** @returns false when there was none */
  delete(id: string): boolean {
    const deleted = this.#spreadsheets.delete(id)
    if (deleted) {
      this.files.remove(id)
      this.#tell()
    }
    return deleted
  }

  /** Calls `listener` after every change of any spreadsheet. @returns stops that */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(id: string): void {
    this.files.touch(id)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** An id of 44 characters that starts with 1, as Google's do. */
function newId(): string {
  return `1${randomBytes(33).toString('base64url').slice(0, 43)}`
}
