import type { Prisma, PrismaClient } from '../../prisma/generated/client/client.ts'

/** Where a peer works: a database and a spreadsheet of its own. */
export interface Place {
  /** Short, unique in a run: names the spreadsheet and what a peer keeps outside of Postgres. */
  readonly name: string
  readonly databaseUrl: string
  readonly spreadsheetId: string
  /** Root of the local Sheets API, with a slash at the end. */
  readonly sheetsApiUrl: string
  /** Requests a minute that the Sheets API allows, reads and writes apart; null for any number. */
  readonly quotaPerMinute: number | null
}

/** Title of the tab, and its headers: the record's id first. */
export const TAB = 'Airports'
export const HEADERS = ['IATA', 'Name', 'City', 'State', 'Country', 'Latitude', 'Longitude'] as const

/** The client or transaction on which an application writes. */
export type Writer = Pick<PrismaClient, 'airport'>

/** One write of one airport, as application code has it. */
export type Write = (writer: Writer) => Prisma.PrismaPromise<unknown>

/** The application's side of a peer. */
export interface App {
  /** Writes a record and publishes the change, as the peer's documentation advises. */
  write(iata: string, write: Write): Promise<unknown>
  /** The same in a transaction that is rolled back at its end: nothing of it may reach the sheet. */
  abandon(iata: string, write: Write): Promise<void>
  /** Publishes a change of each record, many at a time: the backlog of a measurement. */
  fill(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** What is done about a changed record. */
export type Handler = (iata: string) => Promise<void>

/** A worker that runs in this process. */
export interface PeerWorker {
  /** Finishes what is in hand and closes every connection. */
  stop(): Promise<void>
  /** Settled when it works no more, where it may end by itself: its process has to end then, to be started again. */
  readonly ended?: Promise<void>
}

/** What a worker is for, which decides how many jobs it takes at a time. */
export type Purpose =
  /** It writes one spreadsheet: one job after the other, as a row that is deleted moves those below it. */
  | 'sheet'
  /** It does nothing with a job: how fast the queue itself is. */
  | 'count'

/** When the first job began and each tenth of the jobs was done: eleven times in milliseconds since 1970. */
export type Tenths = readonly number[]

/** Bytes a queue takes, in Postgres (or, where `index` is null, in Redis's memory). */
export interface QueueSize {
  readonly table: number
  readonly index: number | null
}

/** A way to bring changes of records to a sheet. */
export interface Peer {
  readonly name: string
  /** Why it cannot run here, or null. */
  unavailable(): Promise<string | null>
  /** Its release step, in a database that is migrated. */
  install(place: Place): Promise<void>
  openApp(place: Place): Promise<App>
  /** Starts a worker in this process; resolved when it looks for jobs. */
  startWorker(place: Place, handler: Handler, purpose: Purpose): Promise<PeerWorker>
  /** A script that is the worker for `sheet`, with its arguments and environment; absent for the common one. */
  sheetWorker?(place: Place): {
    readonly script: string
    readonly args: readonly string[]
    readonly env: Readonly<Record<string, string>>
  }
  /** Records that a job is waiting for, or in the hands of a worker that may be dead. */
  pending(place: Place): Promise<ReadonlySet<string>>
  /** Number of jobs that are not settled. */
  unsettled(place: Place): Promise<number>
  /** When its first job was started and each tenth of them completed, where its tables tell; see {@link Tenths}. */
  tenths?(place: Place): Promise<Tenths>
  size(place: Place): Promise<QueueSize>
  /** Removes what it keeps outside of the place's database, if anything. */
  remove?(place: Place): Promise<void>
}
