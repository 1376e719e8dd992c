import fc from 'fast-check'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import { expect, test } from 'vitest'
import { Human } from '../index.ts'
import { ApiError } from '../model/errors.ts'
import { UndoLog } from '../model/undo.ts'
import { applyRequests } from '../requests/index.ts'
import { validateBody } from '../schema/validate.ts'
import { snapshotLines } from '../store/snapshot.ts'
import { SpreadsheetStore } from '../store/spreadsheets.ts'
import { anyRequest } from './random-requests.ts'

type Request = sheets_v4.Schema$Request

/** Printed when a test fails; FC_SEED and FC_PATH take it back, FC_RUNS looks longer. */
const SEED = Number(process.env.FC_SEED ?? Math.trunc(Math.random() * 2 ** 31))
const RUNS = Number(process.env.FC_RUNS ?? 1500)

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
    { numRuns: 400, seed: SEED },
  )
  expect(kept).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(100)
})

/** A spreadsheet with something of everything that a batch can change. */
const FURNISHED: Request[] = [
  { addSheet: { properties: { sheetId: 1, title: 'U', gridProperties: { rowCount: 10, columnCount: 10 } } } },
  {
    updateCells: {
      range: { sheetId: 0, startRowIndex: 0, endRowIndex: 3, startColumnIndex: 0, endColumnIndex: 3 },
      rows: ['a', 'b', 'Zz'].map((stringValue, row) => ({
        values: [
          { userEnteredValue: { stringValue }, note: 'n', userEnteredFormat: { textFormat: { bold: true } } },
          { userEnteredValue: { numberValue: row } },
          { userEnteredValue: { formulaValue: `=A${row + 1}&U!B2` } },
        ],
      })),
      fields: '*',
    },
  },
  {
    addNamedRange: {
      namedRange: {
        namedRangeId: 'name',
        name: 'name',
        range: { sheetId: 0, startRowIndex: 1, endRowIndex: 4 },
      },
    },
  },
  { addDimensionGroup: { range: { sheetId: 0, dimension: 'ROWS', startIndex: 1, endIndex: 4 } } },
  { addProtectedRange: { protectedRange: { protectedRangeId: 1, range: { sheetId: 0, endRowIndex: 1 } } } },
  {
    mergeCells: {
      range: { sheetId: 0, startRowIndex: 5, endRowIndex: 7, startColumnIndex: 5, endColumnIndex: 7 },
      mergeType: 'MERGE_ALL',
    },
  },
  {
    addTable: {
      table: {
        tableId: 'k',
        name: 'k',
        range: { sheetId: 1, startRowIndex: 0, endRowIndex: 3, startColumnIndex: 0, endColumnIndex: 2 },
      },
    },
  },
  ...(['ROWS', 'COLUMNS'] as const).map((dimension, metadataId) => ({
    createDeveloperMetadata: {
      developerMetadata: {
        metadataId,
        metadataKey: 'k',
        visibility: 'DOCUMENT',
        location: { dimensionRange: { sheetId: 0, dimension, startIndex: 2, endIndex: 3 } },
      },
    },
  })),
  {
    updateDimensionProperties: {
      range: { sheetId: 0, dimension: 'ROWS', startIndex: 4, endIndex: 6 },
      properties: { hiddenByUser: true },
      fields: 'hiddenByUser',
    },
  },
]

test('no request of any kind breaks the emulator, and a batch that fails leaves the spreadsheet as it was', () => {
  let refused = 0
  const kinds = new Set<string>()
  fc.assert(
    fc.property(
      fc.array(fc.array(anyRequest, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
      (batches) => {
        const store = new SpreadsheetStore()
        const gridProperties = { rowCount: 10, columnCount: 10 }
        const person = new Human(
          store,
          store.create({ sheets: [{ properties: { title: 'S', gridProperties } }] }).id,
        )
        person.apply(FURNISHED)
        for (const requests of batches) {
          const before = state(store)
          // What is in a batch before the request that fails has to be taken back too.
          for (const batch of [[...requests, { deleteSheet: { sheetId: 404 } }], requests]) {
            if (checked(person, batch)) for (const request of batch) kinds.add(Object.keys(request)[0]!)
            else {
              refused++
              expect(state(store)).toEqual(before)
            }
          }
        }
      },
    ),
    { numRuns: RUNS, seed: SEED, ...(process.env.FC_PATH && { path: process.env.FC_PATH }) },
  )
  expect(refused).toBeGreaterThan(1000)
  // Batches that were accepted have most of the kinds; which ones is up to the seed.
  expect(kinds.size).toBeGreaterThan(15)
})

/** Applies a batch as it comes over HTTP, with its messages checked first. */
function checked(person: Human, requests: Request[]): boolean {
  const body = structuredClone({ requests })
  try {
    validateBody(body, 'BatchUpdateSpreadsheetRequest')
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return false
  }
  return attempt(person, body.requests)
}

test('an error that nobody expected is taken back too', () => {
  const store = new SpreadsheetStore()
  const spreadsheet = store.create({ sheets: [{ properties: { title: 'S' } }] })
  new Human(store, spreadsheet.id).apply(FURNISHED)
  const before = state(store)
  const row = { sheetId: 0, dimension: 'ROWS', startIndex: 1, endIndex: 2 }
  let calls = 0
  const guard = () => {
    if (++calls === 3) throw new TypeError('a mistake in the emulator')
  }
  const context = { spreadsheet, guard, find: (id: string) => store.find(id) }
  expect(() =>
    spreadsheet.transact(() =>
      applyRequests(context, [
        { insertDimension: { range: row } },
        { deleteDimension: { range: row } },
        { deleteDimension: { range: row } },
      ]),
    ),
  ).toThrow(TypeError)
  expect(state(store)).toEqual(before)
})

test('a step of going back that fails keeps none of the others from being done', () => {
  const log = new UndoLog()
  const undone: string[] = []
  log.begin()
  log.record(() => undone.push('first'))
  log.record(() => {
    throw new RangeError('broken')
  })
  log.record(() => undone.push('last'))
  expect(() => log.rollback()).toThrow('A change could not be taken back.')
  expect(undone).toEqual(['last', 'first'])
})
