import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type Located, locate } from '../model/a1.ts'
import { applyMask, below, EVERYTHING, type Mask, names } from '../model/field-mask.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { copyTab } from '../requests/copy-tab.ts'
import { applyRequests } from '../requests/index.ts'
import { spreadsheetResource } from '../values/resource.ts'
import { sheetProperties } from '../values/sheet-properties.ts'
import { type ApiMethod, type Call, flag } from './call.ts'
import { distinct, selected } from './data-filters.ts'

/** spreadsheets.create */
export const create: ApiMethod = {
  id: 'spreadsheets.create',
  kind: 'write',
  body: 'Spreadsheet',
  answer: 'Spreadsheet',
  query: [],
  masks: true,
  run: (call) => {
    const spreadsheet = call.store.create(call.body)
    return resource(call, spreadsheet, call.mask, false, undefined)
  },
}

/** spreadsheets.get: with a mask, includeGridData is ignored and cells are shown if the mask names them. */
export const get: ApiMethod = {
  id: 'spreadsheets.get',
  kind: 'read',
  answer: 'Spreadsheet',
  query: ['ranges', 'includeGridData', 'excludeTablesInBandedRanges', 'commentsViewMode'],
  masks: true,
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const ranges = call.query.getAll('ranges').map((range) => locate(spreadsheet, range))
    const grid = flag(call.query, 'includeGridData')
    return resource(call, spreadsheet, call.mask, grid, ranges.length > 0 ? ranges : undefined)
  },
}

/**
 * spreadsheets.getByDataFilter: one GridData for each range that filters select, however many select it. All tabs
 * without a filter, and also with filters by metadata alone that select nothing (measured by others against the real
 * API: brekkylab/backlot, October 2026).
 */
export const getByDataFilter: ApiMethod = {
  id: 'spreadsheets.getByDataFilter',
  kind: 'read',
  body: 'GetSpreadsheetByDataFilterRequest',
  answer: 'Spreadsheet',
  query: [],
  masks: true,
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const body: sheets_v4.Schema$GetSpreadsheetByDataFilterRequest = call.body
    const ranges = distinct(selected(spreadsheet, body.dataFilters ?? [], 'sheet', () => ''))
    const grid = body.includeGridData === true
    return resource(call, spreadsheet, call.mask, grid, ranges.length > 0 ? ranges : undefined)
  },
}

/** spreadsheets.batchUpdate: all requests or none; the mask covers replies and the updated spreadsheet. */
export const batchUpdate: ApiMethod = {
  id: 'spreadsheets.batchUpdate',
  kind: 'write',
  body: 'BatchUpdateSpreadsheetRequest',
  answer: 'BatchUpdateSpreadsheetResponse',
  query: [],
  masks: true,
  run: (call) => {
    const spreadsheet = call.store.find(call.path.spreadsheetId!)
    const body: sheets_v4.Schema$BatchUpdateSpreadsheetRequest = call.body
    const mask = call.mask ?? EVERYTHING
    return spreadsheet.transact(() => {
      const context = {
        spreadsheet,
        guard: (tab: Parameters<Call['guard']>[1], rect: Parameters<Call['guard']>[2]) =>
          call.guard(spreadsheet, tab, rect),
        find: (id: string) => call.store.find(id),
      }
      const replies = applyRequests(context, body.requests ?? [])
      const answer = applyMask({ spreadsheetId: spreadsheet.id, replies }, mask) as object
      const below_ = below(mask, 'updatedSpreadsheet')
      if (!body.includeSpreadsheetInResponse || !below_) return answer
      const ranges = body.responseRanges?.map((range) => locate(spreadsheet, range))
      const updatedSpreadsheet = resource(
        call,
        spreadsheet,
        call.mask && below_,
        body.responseIncludeGridData === true,
        ranges && ranges.length > 0 ? ranges : undefined,
      )
      return { ...answer, updatedSpreadsheet }
    })
  },
}

/** spreadsheets.sheets.copyTo: a tab into another spreadsheet, or the same. */
export const copyTo: ApiMethod = {
  id: 'spreadsheets.sheets.copyTo',
  kind: 'write',
  body: 'CopySheetToAnotherSpreadsheetRequest',
  answer: 'SheetProperties',
  query: [],
  run: (call) => {
    const source = call.store.find(call.path.spreadsheetId!).tab(Number(call.path.sheetId))
    const target = call.store.find(call.body.destinationSpreadsheetId ?? '')
    return target.transact(() => {
      const copy = copyTab(source, target, undefined, undefined)
      target.tabs = [...target.tabs, copy]
      return sheetProperties(target, copy)
    })
  },
}

function resource(
  call: Call,
  spreadsheet: Spreadsheet,
  mask: Mask | undefined,
  includeGridData: boolean,
  ranges: readonly Located[] | undefined,
): sheets_v4.Schema$Spreadsheet {
  return spreadsheetResource(spreadsheet, {
    mask: mask ?? EVERYTHING,
    grid: mask ? names(mask, 'sheets', 'data') : includeGridData,
    ranges,
    canEdit: (id) => call.canEdit(spreadsheet, id),
  })
}
