import type { Target } from '../model/target.ts'
import type { RecordsRead } from './records-read.ts'

/** Reads records as they are in the database now. */
export interface RecordReader {
  /**
   * @param ids encoded ids, see `encodeRecordId`
   * @throws WritebackError `TARGET_UNREADABLE` or `RECORDS_HIDDEN` when what is read says nothing about the records
   */
  read(target: Target, ids: readonly string[]): Promise<RecordsRead>
  /**
   * Values of a field in all records of a model, in order: what a foreign key to it may be. A reader that has none gives people
   * no list of them.
   * @param model its Prisma name
   * @param most so many at most
   * @throws whatever the client throws
   */
  values?(model: string, field: string, most: number): Promise<readonly unknown[]>
}
