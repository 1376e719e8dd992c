import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'

/** SheetProperties as answers print them: `sheetId` and `index` also when 0, flags only when set (recorded). */
export function sheetProperties(spreadsheet: Spreadsheet, tab: Tab): sheets_v4.Schema$SheetProperties {
  const { meta, grid } = tab
  const index = spreadsheet.tabs.findIndex(({ sheetId }) => sheetId === tab.sheetId)
  return {
    sheetId: tab.sheetId,
    title: meta.title,
    index: Math.max(index, 0),
    sheetType: 'GRID',
    gridProperties: {
      rowCount: grid.rowCount,
      columnCount: grid.columnCount,
      ...(meta.frozenRowCount > 0 && { frozenRowCount: meta.frozenRowCount }),
      ...(meta.frozenColumnCount > 0 && { frozenColumnCount: meta.frozenColumnCount }),
      ...(meta.hideGridlines && { hideGridlines: true }),
      ...(meta.rowGroupControlAfter && { rowGroupControlAfter: true }),
      ...(meta.columnGroupControlAfter && { columnGroupControlAfter: true }),
    },
    ...(meta.hidden && { hidden: true }),
    ...(meta.rightToLeft && { rightToLeft: true }),
    ...(meta.tabColor && {
      ...(meta.tabColor.rgbColor && { tabColor: meta.tabColor.rgbColor }),
      tabColorStyle: meta.tabColor,
    }),
  }
}
