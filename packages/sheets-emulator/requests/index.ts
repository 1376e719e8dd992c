import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid, prefixed, unsupported } from '../model/errors.ts'
import { LIMITS } from '../model/limits.ts'
import { appendCells, repeatCell, setDataValidation, updateCells } from './cells.ts'
import type { Handler, RequestContext } from './context.ts'
import {
  createDeveloperMetadata,
  deleteDeveloperMetadata,
  updateDeveloperMetadata,
} from './developer-metadata.ts'
import { addDimensionGroup, deleteDimensionGroup, updateDimensionGroup } from './dimension-groups.ts'
import {
  appendDimension,
  autoResizeDimensions,
  deleteDimension,
  insertDimension,
  moveDimension,
  updateDimensionProperties,
} from './dimensions.ts'
import { clearBasicFilter, setBasicFilter } from './filters.ts'
import { findReplace } from './find-replace.ts'
import { mergeCells, unmergeCells } from './merges.ts'
import { copyPaste, cutPaste, deleteRange, insertRange } from './move-cells.ts'
import { addNamedRange, deleteNamedRange, updateNamedRange } from './named-ranges.ts'
import { addProtectedRange, deleteProtectedRange, updateProtectedRange } from './protection.ts'
import {
  addSheet,
  deleteSheet,
  duplicateSheet,
  updateSheetProperties,
  updateSpreadsheetProperties,
} from './sheets.ts'
import { sortRange } from './sort.ts'
import { addTable, deleteTable, updateTable } from './tables.ts'
import { textToColumns } from './text-to-columns.ts'

/** The request kinds of spreadsheets.batchUpdate that the emulator carries out. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  addDimensionGroup,
  addNamedRange,
  addProtectedRange,
  addSheet,
  addTable,
  appendCells,
  appendDimension,
  autoResizeDimensions,
  clearBasicFilter,
  copyPaste,
  createDeveloperMetadata,
  cutPaste,
  deleteDeveloperMetadata,
  deleteDimension,
  deleteDimensionGroup,
  deleteNamedRange,
  deleteProtectedRange,
  deleteRange,
  deleteSheet,
  deleteTable,
  duplicateSheet,
  findReplace,
  insertDimension,
  insertRange,
  mergeCells,
  moveDimension,
  repeatCell,
  setBasicFilter,
  setDataValidation,
  sortRange,
  textToColumns,
  unmergeCells,
  updateCells,
  updateDeveloperMetadata,
  updateDimensionGroup,
  updateDimensionProperties,
  updateNamedRange,
  updateProtectedRange,
  updateSheetProperties,
  updateSpreadsheetProperties,
  updateTable,
}

/** Kinds that move cells but write no formula: references may wait until the last of them. */
const MOVES_ONLY = new Set([
  'insertDimension',
  'deleteDimension',
  'moveDimension',
  'appendDimension',
  'addSheet',
])

/**
 * Carries out requests in order, each seeing the effect of the one before. Call it inside a transaction: when it
 * throws, nothing may be kept.
 *
 * @returns one reply for each request, `{}` when it has none
 * @throws ApiError 400 with the number and kind of the request that is wrong, 501 for a kind that is not emulated
 */
export function applyRequests(
  context: RequestContext,
  requests: readonly sheets_v4.Schema$Request[],
): sheets_v4.Schema$Response[] {
  if (requests.length === 0) throw invalid('Must specify at least one request.')
  if (requests.length > LIMITS.requestsPerBatch) {
    throw invalid(`Cannot exceed ${LIMITS.requestsPerBatch} requests in a single batch.`)
  }
  const replies = requests.map((request, index) => {
    const kinds = Object.keys(request)
    const kind = kinds[0]
    if (kind === undefined) throw invalid(`Invalid requests[${index}]: No request set.`)
    if (kinds.length > 1) {
      throw invalid(
        `Invalid value at 'requests[${index}]' (oneof), oneof field 'kind' is already set. Cannot set '${kinds[1]}'`,
      )
    }
    const handler = HANDLERS[kind]
    if (!handler) throw unsupported(`the request kind ${kind} (requests[${index}])`)
    if (!MOVES_ONLY.has(kind)) context.spreadsheet.settleReferences()
    try {
      const reply = handler(context, request[kind as keyof typeof request] ?? {})
      return reply === undefined ? {} : { [kind]: reply }
    } catch (error) {
      throw prefixed(error, `Invalid requests[${index}].${kind}: `)
    }
  })
  context.spreadsheet.settleReferences()
  return replies
}
