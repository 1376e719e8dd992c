import type { Control } from '../packages/sheets-emulator/index.ts'

/**
 * How the sheet fails.
 * - `429`: the quota is used up
 * - `500`: Google fails, and nobody knows whether the call was carried out
 * - `403`: no access
 * - `away`: no connection, until `recover()`
 */
export type SheetFault = 429 | 500 | 403 | 'away'

/** Which calls of the Sheets API fail. */
export interface FailOptions {
  /** How many of them. @defaultValue 1; `away` has no end */
  readonly times?: number
  /** @defaultValue any */
  readonly calls?: 'read' | 'write' | 'any'
}

/** Lets the next calls fail. */
export function addFault(
  control: Control,
  fault: SheetFault,
  { times = 1, calls = 'any' }: FailOptions,
): void {
  if (fault === 'away') control.outage = 'unreachable'
  else control.faults.add({ kind: 'status', status: fault, count: times, match: { calls } })
}

/** Lets all calls work again. */
export function removeFaults(control: Control): void {
  control.outage = undefined
  control.faults.remove()
}
