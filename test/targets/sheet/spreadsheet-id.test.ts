import { expect, it } from 'vitest'
import { spreadsheetIdIn } from '../../../src/targets/sheet/config/spreadsheet-id.ts'

it.each([
  ['1Bxi_M-V', '1Bxi_M-V'],
  [' 1Bxi_M-V\n', '1Bxi_M-V'],
  ['https://docs.google.com/spreadsheets/d/1Bxi_M-V/edit?gid=0#gid=0', '1Bxi_M-V'],
  ['https://docs.google.com/spreadsheets/u/1/d/1Bxi_M-V/edit', '1Bxi_M-V'],
  ['https://docs.google.com/spreadsheets/d/1Bxi_M-V', '1Bxi_M-V'],
  // A page that was published, a document, an address that a manual abbreviates, a title.
  ['https://docs.google.com/spreadsheets/d/e/2PACX-1v/pubhtml', undefined],
  ['https://docs.google.com/document/d/1Bxi_M-V/edit', undefined],
  ['https://docs.google.com/spreadsheets/d/.../edit', undefined],
  ['My trips', undefined],
  ['', undefined],
])('finds the id in %j', (text, id) => {
  expect(spreadsheetIdIn(text)).toBe(id)
})
