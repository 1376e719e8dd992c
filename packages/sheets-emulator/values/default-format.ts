import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'

/** The default format of a new spreadsheet's cells (recorded). */
export const DEFAULT_FORMAT: sheets_v4.Schema$CellFormat = {
  backgroundColor: { red: 1, green: 1, blue: 1 },
  padding: { top: 2, right: 3, bottom: 2, left: 3 },
  verticalAlignment: 'BOTTOM',
  wrapStrategy: 'OVERFLOW_CELL',
  textFormat: {
    foregroundColor: {},
    fontFamily: 'arial,sans,sans-serif',
    fontSize: 10,
    bold: false,
    italic: false,
    strikethrough: false,
    underline: false,
    foregroundColorStyle: { rgbColor: {} },
  },
  backgroundColorStyle: { rgbColor: { red: 1, green: 1, blue: 1 } },
}

const theme = (
  colorType: string,
  red: number,
  green: number,
  blue: number,
): sheets_v4.Schema$ThemeColorPair => ({
  colorType,
  color: { rgbColor: { ...(red && { red }), ...(green && { green }), ...(blue && { blue }) } },
})

/** The theme of a new spreadsheet (recorded). */
export const DEFAULT_THEME: sheets_v4.Schema$SpreadsheetTheme = {
  primaryFontFamily: 'Arial',
  themeColors: [
    theme('TEXT', 0, 0, 0),
    theme('BACKGROUND', 1, 1, 1),
    theme('ACCENT1', 0.25882354, 0.52156866, 0.95686275),
    theme('ACCENT2', 0.91764706, 0.2627451, 0.20784314),
    theme('ACCENT3', 0.9843137, 0.7372549, 0.015686275),
    theme('ACCENT4', 0.20392157, 0.65882355, 0.3254902),
    theme('ACCENT5', 1, 0.42745098, 0.003921569),
    theme('ACCENT6', 0.27450982, 0.7411765, 0.7764706),
    theme('LINK', 0.06666667, 0.33333334, 0.8),
  ],
}
