/**
 * Limits of Google Sheets. Cells and columns: https://support.google.com/drive/answer/37603; developer metadata:
 * https://developers.google.com/workspace/sheets/api/guides/metadata; requests of a batch and characters of a
 * cell: the error texts users report (airbytehq/airbyte#42904).
 */
export const LIMITS = {
  cellsPerSpreadsheet: 10_000_000,
  columnsPerTab: 18_278,
  charactersPerCell: 50_000,
  requestsPerBatch: 100_000,
  /** Of a request; the text of the refusal is that of every Google API. */
  bytesPerRequest: 10_485_760,
  /** For the spreadsheet, and once more for each tab, keys and values added up. */
  metadataCharacters: 30_000,
} as const
