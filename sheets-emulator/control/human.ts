import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { z } from 'zod'
import { locate, printTitle } from '../model/a1.ts'
import { invalid } from '../model/errors.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { applyRequests } from '../requests/index.ts'
import type { SpreadsheetStore } from '../store/spreadsheets.ts'
import { readValues } from '../values/read.ts'
import { ACTIONS, type ActionName } from './human-actions.ts'

/** A person at the screen of one spreadsheet. What they do needs no call, no quota and meets no fault. */
export class Human {
  readonly #store: SpreadsheetStore
  readonly #id: string

  /** @param id of a spreadsheet; it need not exist yet */
  constructor(store: SpreadsheetStore, id: string) {
    this.#store = store
    this.#id = id
  }

  /**
   * Does one thing, whole or not at all.
   *
   * @example person.act('sort', { tab: 'Requests', column: 'B' })
   * @throws ZodError for arguments that are not right, ApiError when it cannot be done
   */
  act<N extends ActionName>(
    name: N,
    args: z.input<(typeof ACTIONS)[N]['schema']>,
  ): sheets_v4.Schema$Response[] {
    const { schema, requests } = ACTIONS[name]
    const parsed = schema.parse(args) as { tab?: string | number }
    const spreadsheet = this.#spreadsheet
    // The union of all actions is narrowed by its own schema, which TypeScript cannot follow.
    const make = requests as (tab: Tab, args: unknown, spreadsheet: Spreadsheet) => sheets_v4.Schema$Request[]
    return this.apply(make(this.#tab(parsed.tab), parsed, spreadsheet))
  }

  /** Applies requests of spreadsheets.batchUpdate, as a person whom nothing refuses. */
  apply(requests: readonly sheets_v4.Schema$Request[]): sheets_v4.Schema$Response[] {
    const spreadsheet = this.#spreadsheet
    const context = { spreadsheet, guard: () => {}, find: (id: string) => this.#store.find(id) }
    return spreadsheet.transact(() => applyRequests(context, requests))
  }

  /**
   * What a person sees: the formatted values of a range, rows as short as they are filled.
   *
   * @param tab title or sheetId; the first tab when absent
   * @param cells A1 notation without a tab; the whole tab when absent
   */
  see(tab?: string | number, cells?: string): string[][] {
    const found = this.#tab(tab)
    const range = locate(this.#spreadsheet, printTitle(found.meta.title) + (cells ? `!${cells}` : ''))
    const options = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
    return (readValues(this.#spreadsheet, range, 'ROWS', options).values ?? []) as string[][]
  }

  get #spreadsheet(): Spreadsheet {
    return this.#store.find(this.#id)
  }

  #tab(tab: string | number | undefined): Tab {
    const { tabs } = this.#spreadsheet
    const found =
      tab === undefined ? tabs[0] : tabs.find(({ sheetId, meta }) => tab === sheetId || tab === meta.title)
    if (!found) throw invalid(`There is no tab ${tab}.`)
    return found
  }
}
