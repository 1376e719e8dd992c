import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startEmulator } from '../index.ts'
import { snapshotLines } from '../store/snapshot.ts'
import { clientOf, until } from './support.ts'

let folder: string
let dataFile: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'emulator-'))
  dataFile = path.join(folder, 'data.ndjson')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the data file', () => {
  test('keeps everything over a restart', async () => {
    const first = await startEmulator({ dataFile })
    const id = first.createSpreadsheet({
      properties: { title: 'Kept', locale: 'de_DE' },
      sheets: [{ properties: { title: 'T' } }],
    })
    const person = first.human(id)
    person.act('type', { cell: 'A1', text: 'Ünïcödé "x"\nline' })
    person.act('type', { cell: 'C2', text: '2020-01-01' })
    person.act('type', { cell: 'D2', text: '=C2+1' })
    person.act('type', { cell: 'B3', text: 'true' })
    person.act('addTab', { title: 'Two' })
    person.act('freeze', { rows: 1 })
    person.act('hideRows', { row: 5 })
    person.act('merge', { range: 'F1:G2' })
    person.act('protect', { range: 'A:A' })
    person.act('table', { range: 'I1:J3', name: 'Table' })
    person.act('filter', { range: 'A1:D9', column: 'B', hide: ['WAHR'] })
    person.apply([
      { addNamedRange: { namedRange: { name: 'open', range: { sheetId: 0, startRowIndex: 4 } } } },
      {
        updateDimensionProperties: {
          range: { sheetId: 0, dimension: 'COLUMNS', startIndex: 1, endIndex: 2 },
          properties: { pixelSize: 33 },
          fields: 'pixelSize',
        },
      },
      {
        repeatCell: {
          range: { sheetId: 0, startRowIndex: 7, endRowIndex: 8, startColumnIndex: 0, endColumnIndex: 2 },
          cell: { note: 'n', dataValidation: { condition: { type: 'BOOLEAN' } } },
          fields: 'note,dataValidation',
        },
      },
      ...[
        { spreadsheet: true },
        { sheetId: 0 },
        { dimensionRange: { sheetId: 0, dimension: 'ROWS', startIndex: 2, endIndex: 3 } },
        { dimensionRange: { sheetId: 0, dimension: 'COLUMNS', startIndex: 2, endIndex: 3 } },
      ].map((location, i) => ({
        createDeveloperMetadata: {
          developerMetadata: {
            metadataId: i + 1,
            metadataKey: 'k',
            metadataValue: 'v',
            visibility: 'DOCUMENT',
            location,
          },
        },
      })),
    ])
    const before = [...snapshotLines(first.control.spreadsheets.all())]
    await first.close()
    expect(readdirSync(folder)).toEqual(['data.ndjson'])

    const second = await startEmulator({ dataFile })
    expect([...snapshotLines(second.control.spreadsheets.all())]).toEqual(before)
    expect(second.human(id).see('T', 'A1:D3')).toEqual([
      ['Ünïcödé "x"\nline'],
      ['', '', '2020-01-01', '43832'],
      ['', 'WAHR'],
    ])
    // Metadata holds on to its row again.
    second.human(id).act('insertRows', { above: 1 })
    const { data } = await clientOf(second.url).spreadsheets.developerMetadata.get({
      spreadsheetId: id,
      metadataId: 3,
    })
    expect(data.location?.dimensionRange?.startIndex).toBe(3)
    await second.close()
  })

  test('is written moments after a change, whole', async () => {
    const emulator = await startEmulator({ dataFile })
    const id = emulator.createSpreadsheet({
      sheets: [{ properties: { gridProperties: { rowCount: 3000, columnCount: 2 } } }],
    })
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      values: [{ userEnteredValue: { numberValue: i } }],
    }))
    emulator.human(id).apply([{ updateCells: { start: { sheetId: 0 }, rows, fields: 'userEnteredValue' } }])
    const text = () => {
      try {
        return readFileSync(dataFile, 'utf8')
      } catch {
        return ''
      }
    }
    await until(() => text().includes('[2999,[2999]]'), 'the file to be written')
    // Later changes are written too, although the emulator is never closed.
    emulator.human(id).act('type', { cell: 'B7', text: 'later' })
    await until(() => text().includes('later'), 'the file to be written again')
    await emulator.close()
  })

  test('that is not one of the emulator is refused and left as it is', async () => {
    for (const text of [
      '{"format":"sheets-emulator","version":9}\n',
      'hello\n',
      '{"format":"sheets-emulator","version":1}\n{"what":1}\n',
    ]) {
      writeFileSync(dataFile, text)
      await expect(startEmulator({ dataFile })).rejects.toThrow(
        /cannot read .*line [12] is not part of a snapshot/,
      )
      expect(readFileSync(dataFile, 'utf8')).toBe(text)
    }
  })
})
