import type { Logger } from 'pino'
import type { Sql } from '../../database/sql.ts'
import type { LaneFailure } from '../../lane/failure.ts'
import type { Tickets } from '../../lane/tickets.ts'
import type { RecordReader } from '../../source/record-reader.ts'
import type { TargetStates } from '../state.ts'
import type { PlaceCall } from '../target.ts'
import type { DocumentStore } from './store.ts'

/** What writing documents takes. */
export interface DocumentContext {
  readonly sql: Sql
  readonly reader: RecordReader
  readonly store: DocumentStore
  readonly states: TargetStates
  readonly tickets: Tickets
  readonly log: Logger
  readonly onCall: (call: PlaceCall, failure: LaneFailure | undefined) => void
}
