import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { CallSignals } from '../../../lane/signals.ts'
import type { PlaceCall } from '../../target.ts'
import { LOOK_FIELDS } from '../cells/look.ts'
import type { Area } from './area.ts'
import { classify, SheetsFailure } from './failure.ts'

/** Milliseconds after which a call is given up; it may have been carried out. */
export interface Timeouts {
  readonly read: number
  readonly write: number
}

/** Parts of one tab to read. */
export interface TabAreas {
  readonly sheetId: number
  readonly areas: readonly Area[]
  /** True to read notes and backgrounds with the values. @defaultValue false */
  readonly withLooks?: boolean
  /** True to read what kind of number each cell shows (a date, a currency). @defaultValue false */
  readonly withNumberTypes?: boolean
}

/** A batchUpdate: its requests as JSON texts, and the ranges to return afterwards. */
export interface Batch {
  readonly requests: readonly string[]
  readonly responseRanges: readonly string[]
}

/** Waits until the quota allows a call. @throws when the signal is aborted */
export type Admit = (kind: PlaceCall['kind'], signal: AbortSignal) => Promise<void>

const TAB_FIELDS =
  'properties(sheetId,title,index,sheetType,gridProperties(rowCount,columnCount,frozenRowCount))'
const VALUES = 'data(startRow,startColumn,rowData.values.userEnteredValue)'
const valuesAnd = (more: string) => `data(startRow,startColumn,rowData.values(userEnteredValue,${more}))`
const OBSTACLES =
  'merges,tables(tableId,range),protectedRanges(protectedRangeId,description,range,unprotectedRanges,warningOnly,requestingUserCanEdit),basicFilter.range'
const PROPERTIES_FIELDS = `properties(locale,timeZone),sheets(${TAB_FIELDS},${OBSTACLES})`
const readFields = (data: string) => `properties(locale,timeZone),sheets(${TAB_FIELDS},${OBSTACLES},${data})`
const READ_FIELDS = readFields(VALUES)
const READ_FIELDS_WITH_LOOKS = readFields(valuesAnd(LOOK_FIELDS))
const READ_FIELDS_WITH_NUMBER_TYPES = readFields(valuesAnd('effectiveFormat.numberFormat.type'))
const WRITE_FIELDS = `replies,updatedSpreadsheet(sheets(${TAB_FIELDS},${VALUES}))`

/**
 * The calls of the Sheets API that the library makes: few kinds, each with a timeout, none repeated by itself. What
 * is thrown is always a {@link SheetsFailure}, or the signal's reason when the caller gave up.
 */
export class SheetsApi {
  readonly #client: sheets_v4.Sheets
  readonly #timeouts: Timeouts
  readonly #admit: Admit
  readonly #onCall: (call: PlaceCall, failure: SheetsFailure | undefined) => Promise<void>

  constructor(
    client: sheets_v4.Sheets,
    timeouts: Timeouts,
    admit: Admit,
    onCall: (call: PlaceCall, failure: SheetsFailure | undefined) => Promise<void>,
  ) {
    this.#client = client
    this.#timeouts = timeouts
    this.#admit = admit
    this.#onCall = onCall
  }

  /** All tabs of a spreadsheet, without their cells. */
  properties(spreadsheetId: string, signals: CallSignals): Promise<sheets_v4.Schema$Spreadsheet> {
    return this.#call('read', signals, (options) =>
      this.#client.spreadsheets.get(
        { spreadsheetId, fields: PROPERTIES_FIELDS, prettyPrint: false },
        options,
      ),
    )
  }

  /** Parts of tabs, found by the tabs' ids, so that a renamed tab is still the same. */
  read(
    spreadsheetId: string,
    tabs: readonly TabAreas[],
    signals: CallSignals,
  ): Promise<sheets_v4.Schema$Spreadsheet> {
    const dataFilters = tabs.flatMap(({ sheetId, areas }) =>
      areas.map((area) => ({ gridRange: { sheetId, ...area } })),
    )
    // One mask for all tabs of a call.
    const fields = tabs.some(({ withNumberTypes }) => withNumberTypes)
      ? READ_FIELDS_WITH_NUMBER_TYPES
      : tabs.some(({ withLooks }) => withLooks)
        ? READ_FIELDS_WITH_LOOKS
        : READ_FIELDS
    return this.#call('read', signals, (options) =>
      this.#client.spreadsheets.getByDataFilter(
        { spreadsheetId, fields, prettyPrint: false, ...body(JSON.stringify({ dataFilters })) },
        options,
      ),
    )
  }

  /** Applies a batch as a whole, or not at all. */
  write(
    spreadsheetId: string,
    { requests, responseRanges }: Batch,
    signals: CallSignals,
  ): Promise<sheets_v4.Schema$BatchUpdateSpreadsheetResponse> {
    const response =
      responseRanges.length === 0
        ? ''
        : `,"includeSpreadsheetInResponse":true,"responseIncludeGridData":true,"responseRanges":${JSON.stringify(responseRanges)}`
    const text = `{"requests":[${requests.join(',')}]${response}}`
    return this.#call('write', signals, (options) =>
      this.#client.spreadsheets.batchUpdate(
        { spreadsheetId, fields: WRITE_FIELDS, prettyPrint: false, ...body(text) },
        options,
      ),
    )
  }

  /** Developer metadata of a spreadsheet that has the given key. */
  async metadata(
    spreadsheetId: string,
    metadataKey: string,
    signals: CallSignals,
  ): Promise<readonly sheets_v4.Schema$DeveloperMetadata[]> {
    const dataFilters = [{ developerMetadataLookup: { metadataKey } }]
    const found = await this.#call('read', signals, (options) =>
      this.#client.spreadsheets.developerMetadata.search(
        { spreadsheetId, prettyPrint: false, ...body(JSON.stringify({ dataFilters })) },
        options,
      ),
    )
    return (found.matchedDeveloperMetadata ?? []).flatMap(({ developerMetadata }) => developerMetadata ?? [])
  }

  async #call<Data>(
    kind: PlaceCall['kind'],
    signals: CallSignals,
    run: (options: object) => Promise<{ data: Data }>,
  ): Promise<Data> {
    await this.#admit(kind, AbortSignal.any([signals.abort, signals.leaving]))
    const started = performance.now()
    try {
      const { data } = await run({
        timeout: this.#timeouts[kind],
        signal: signals.abort,
        responseType: 'json',
        retry: false,
      })
      // The client hands over a body that is no JSON as text, with status 200.
      if (typeof data !== 'object' || data === null) {
        throw new SheetsFailure('unclear', 200, 'the answer is no JSON object')
      }
      await this.#onCall({ kind, ms: performance.now() - started, failed: false }, undefined)
      return data
    } catch (error) {
      // A mistake in the program is no answer of the API.
      if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
        throw error
      const failure = classify(error)
      await this.#onCall({ kind, ms: performance.now() - started, failed: true }, failure)
      throw failure
    }
  }
}

/**
 * A request body that is JSON already. The Google client copies an object given to it, cell by cell, twice; a text it
 * passes on.
 */
function body(json: string): { requestBody: object; headers: object } {
  return { requestBody: json as unknown as object, headers: { 'content-type': 'application/json' } }
}
