import type { Target } from '../model/target.ts'
import type { RecordsRead } from './records-read.ts'

/** Reads records as they are in the database now. */
export interface RecordReader {
  /**
   * @param ids encoded ids, see `encodeRecordId`
   * @throws WritebackError `TARGET_UNREADABLE` or `RECORDS_HIDDEN` when what is read says nothing about the records
   */
  read(target: Target, ids: readonly string[]): Promise<RecordsRead>
}
