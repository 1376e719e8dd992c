import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { Control } from './control/control.ts'
import { Human } from './control/human.ts'
import type { QuotaLimits } from './control/quota.ts'
import { listen } from './server.ts'
import { DataFile } from './store/data-file.ts'
import { SpreadsheetStore } from './store/spreadsheets.ts'

export type { Caller } from './control/access.ts'
export type { CallCounts, CallTotals, LoggedCall } from './control/call-log.ts'
export { Control, type Hook, HUMAN_TOKEN, type Outage } from './control/control.ts'
export type { CallInfo, CallMatch, FaultKind, FaultSpec, FaultStatus } from './control/faults.ts'
export { Human } from './control/human.ts'
export type { ActionName } from './control/human-actions.ts'
export type { QuotaLimits } from './control/quota.ts'

/** Options of {@link startEmulator}. */
export interface EmulatorOptions {
  /** @default 0, a free port */
  readonly port?: number | undefined
  /** @default '127.0.0.1' */
  readonly host?: string | undefined
  /** Calls a minute, reads and writes apart. @default none */
  readonly quota?: QuotaLimits | undefined
  /** Time each call takes at least, in ms. @default 0 */
  readonly latencyMs?: number | undefined
  /** File that the spreadsheets are kept in. @default none: they end with the emulator */
  readonly dataFile?: string | undefined
}

/** A running emulator. */
export interface Emulator {
  /** Its address, with a slash at the end: the `rootUrl` of a googleapis client. */
  readonly url: string
  /** Faults, quotas, counters, access and the spreadsheets themselves. */
  readonly control: Control
  /** Creates a spreadsheet without a call that counts. @returns its id */
  createSpreadsheet(request?: sheets_v4.Schema$Spreadsheet, id?: string): string
  /** A person at the screen of a spreadsheet; with a name, the person can undo. */
  human(spreadsheetId: string, name?: string): Human
  /** Stops at once; open connections are ended; with a data file, everything is saved first. */
  close(): Promise<void>
}

/**
 * Starts a Google Sheets v4 API on this machine, in this process.
 *
 * @throws Error when the port is taken or the data file is not one of the emulator
 *
 * @example
 * const emulator = await startEmulator()
 * const api = sheets({ version: 'v4', auth, rootUrl: emulator.url })
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const store = new SpreadsheetStore()
  const control = new Control(store, options.quota)
  if (options.latencyMs) control.latency(options.latencyMs)
  const file = options.dataFile === undefined ? undefined : new DataFile(options.dataFile, store)
  const listening = await listen(control, options.host ?? '127.0.0.1', options.port ?? 0)
  return {
    url: listening.url,
    control,
    createSpreadsheet: (request = {}, id) => store.create(request, id).id,
    human: (spreadsheetId, name) => new Human(store, spreadsheetId, name),
    close: async () => {
      await listening.close()
      await file?.close()
    },
  }
}
