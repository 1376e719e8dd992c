export type { Outcome } from '../../lane/outcome.ts'
export { createSheetsClient } from './google/client.ts'
export { resolveConflict, type Take } from './store/resolve-conflict.ts'
export { createSheetWriter, type SheetWriter, type SheetWriterOptions } from './writer.ts'
