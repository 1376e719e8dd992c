/*
 * Helpers for the tests of applications: `prisma-writeback/testing`. An entry of its own, because it loads the worker, with
 * Google's client, and the local sheet.
 */

export type { Drained, DrainOptions } from './drain.ts'
export type { FailOptions, SheetFault } from './faults.ts'
export type { PublishedJob, PublishedJobFilter } from './published-jobs.ts'
export type { CellOf, Row } from './rows.ts'
export { startTestSheet, type TestSheet, type TestSheetOptions, type WaitOptions } from './test-sheet.ts'
