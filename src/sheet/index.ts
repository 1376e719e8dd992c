export { createSheetsClient, type SheetsClientOptions } from './client.ts'
export type { ComparedPage, CompareOptions } from './compare.ts'
export type { LaneRequest, Outcome, RecordReader } from './outcome.ts'
export { createSheetWriter, type SheetWriter, type SheetWriterOptions } from './writer.ts'
