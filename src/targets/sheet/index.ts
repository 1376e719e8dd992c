export type { LaneRequest, Outcome } from '../../lane/outcome.ts'
export { createSheetsClient, type SheetsClientOptions } from './google/client.ts'
export { type ResolvedConflict, resolveConflict, type Take } from './store/resolve-conflict.ts'
export { createSheetWriter, type SheetWriter, type SheetWriterOptions } from './writer.ts'
