export type { Outcome } from '../../lane/outcome.ts'
export { resolveConflict, type Take } from '../merge/resolve-conflict.ts'
export { createSheetsClient } from './google/client.ts'
export { createSheetWriter, type SheetWriter, type SheetWriterOptions } from './writer.ts'
