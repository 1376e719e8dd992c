import fc from 'fast-check'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { expect, test } from 'vitest'
import { Human } from '../../sheets-emulator/index.ts'
import { ApiError } from '../../sheets-emulator/model/errors.ts'
import { snapshotLines } from '../../sheets-emulator/store/snapshot.ts'
import { SpreadsheetStore } from '../../sheets-emulator/store/spreadsheets.ts'

type Request = sheets_v4.Schema$Request

const index = fc.nat(9)
const dimension = fc.constantFrom('ROWS', 'COLUMNS')
const text = fc.constantFrom('', 'a', 'b', 'Zz', '10')
const sheetId = fc.constantFrom(0, 1)

const range = fc.tuple(sheetId, index, index, index, index).map(([id, a, b, c, d]) => ({
  sheetId: id,
  startRowIndex: Math.min(a, b),
  endRowIndex: Math.max(a, b) + 1,
  startColumnIndex: Math.min(c, d),
  endColumnIndex: Math.max(c, d) + 1,
}))
const lines = fc
  .tuple(sheetId, dimension, index, fc.integer({ min: 1, max: 3 }))
  .map(([id, dim, start, count]) => ({
    sheetId: id,
    dimension: dim,
    startIndex: start,
    endIndex: start + count,
  }))
const cell = fc.oneof(
  text.map((stringValue) => ({ userEnteredValue: { stringValue } })),
  fc.integer().map((numberValue) => ({ userEnteredValue: { numberValue }, note: 'n' })),
  fc.nat(9).map((n) => ({ userEnteredValue: { formulaValue: `=SUM(A${n + 1}:C$9)+S!$B2` } })),
  fc.constant({ userEnteredFormat: { textFormat: { bold: true } } }),
)

/** Requests of all kinds that change something; some of them are refused, depending on what was done before. */
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.tuple(range, fc.array(fc.array(cell, { maxLength: 3 }), { maxLength: 3 })).map(([at, rows]) => ({
    updateCells: { range: at, rows: rows.map((values) => ({ values })), fields: '*' },
  })),
  fc.tuple(sheetId, fc.array(cell, { minLength: 1, maxLength: 12 })).map(([id, values]) => ({
    appendCells: { sheetId: id, rows: [{ values }], fields: 'userEnteredValue' },
  })),
  lines.map((at) => ({ insertDimension: { range: at } })),
  lines.map((at) => ({ deleteDimension: { range: at } })),
  fc
    .tuple(lines, index)
    .map(([source, destinationIndex]) => ({ moveDimension: { source, destinationIndex } })),
  fc
    .tuple(range, index)
    .map(([at, dimensionIndex]) => ({ sortRange: { range: at, sortSpecs: [{ dimensionIndex }] } })),
  range.map((at) => ({ mergeCells: { range: at, mergeType: 'MERGE_ALL' } })),
  range.map((at) => ({
    setBasicFilter: {
      filter: { range: at, filterSpecs: [{ columnIndex: 0, filterCriteria: { hiddenValues: ['a'] } }] },
    },
  })),
  range.map((at) => ({ addProtectedRange: { protectedRange: { range: at } } })),
  range.map((at) => ({ addNamedRange: { namedRange: { name: 'name', range: at } } })),
  range.map((at) => ({ addTable: { table: { range: at } } })),
  range.map((at) => ({ deleteRange: { range: at, shiftDimension: 'ROWS' } })),
  lines.map((at) => ({
    updateDimensionProperties: { range: at, properties: { hiddenByUser: true }, fields: 'hiddenByUser' },
  })),
  fc.tuple(lines, fc.nat(3)).map(([at, metadataId]) => ({
    createDeveloperMetadata: {
      developerMetadata: {
        metadataId,
        metadataKey: 'k',
        visibility: 'DOCUMENT',
        location: { dimensionRange: { ...at, endIndex: at.startIndex + 1 } },
      },
    },
  })),
  fc.constant({ deleteDeveloperMetadata: { dataFilter: { developerMetadataLookup: { metadataKey: 'k' } } } }),
  fc.tuple(sheetId, text).map(([id, title]) => ({
    updateSheetProperties: { properties: { sheetId: id, title }, fields: 'title' },
  })),
  fc.tuple(sheetId, fc.integer({ min: 3, max: 14 })).map(([id, rowCount]) => ({
    updateSheetProperties: {
      properties: { sheetId: id, gridProperties: { rowCount } },
      fields: 'gridProperties.rowCount',
    },
  })),
  fc.constant({ addSheet: { properties: {} } }),
  sheetId.map((id) => ({ deleteSheet: { sheetId: id } })),
  fc.constant({ findReplace: { find: 'a', replacement: 'q', allSheets: true } }),
)

function state(store: SpreadsheetStore): string[] {
  return [...snapshotLines(store.all())]
}

function attempt(person: Human, requests: Request[]): boolean {
  try {
    person.apply(requests)
    return true
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return false
  }
}

test('a batch that fails leaves everything as it was, whatever was done before', () => {
  let kept = 0
  let refused = 0
  fc.assert(
    fc.property(fc.array(fc.array(request, { minLength: 1, maxLength: 6 }), { maxLength: 8 }), (batches) => {
      const store = new SpreadsheetStore()
      const gridProperties = { rowCount: 10, columnCount: 10 }
      const sheets = [
        { properties: { title: 'S', gridProperties } },
        { properties: { title: 'U', sheetId: 1, gridProperties } },
      ]
      const person = new Human(store, store.create({ sheets }).id)
      for (const batch of batches) {
        const before = state(store)
        // First with a request at the end that cannot work: nothing may be left of the ones before it.
        expect(attempt(person, [...batch, { deleteSheet: { sheetId: 404 } }])).toBe(false)
        expect(state(store)).toEqual(before)
        if (attempt(person, batch)) kept++
        else {
          refused++
          expect(state(store)).toEqual(before)
        }
      }
    }),
    { numRuns: 400 },
  )
  expect(kept).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(100)
})
