/** Address of a spreadsheet, also of an account that is not the first one. Published pages (`/d/e/`) have another id. */
const ADDRESS = /\/spreadsheets\/(?:u\/\d+\/)?d\/(?!e\/)([A-Za-z0-9_-]+)(?:[/?#]|$)/

/** What is expected where a spreadsheet is named. */
export const SPREADSHEET_ID =
  "expected the sheet's id or its whole address, https://docs.google.com/spreadsheets/d/<id>/edit"

/** The id of a spreadsheet, out of its id or its address; undefined for a text that is neither. */
export function spreadsheetIdIn(text: string): string | undefined {
  const given = text.trim()
  if (/^[A-Za-z0-9_-]+$/.test(given)) return given
  return ADDRESS.exec(given)?.[1]
}
