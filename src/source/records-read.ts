import type { WritebackError } from '../errors.ts'

/**
 * What came of reading records by id. One that is named nowhere here does not exist any more, or the target's filter
 * leaves it out.
 */
export interface RecordsRead {
  /** Records by id. */
  readonly records: ReadonlyMap<string, object>
  /** Records that cannot be read, or whose filter threw, by id: each its own failure, and no deletion. */
  readonly failed: ReadonlyMap<string, WritebackError>
  /** Records that are gone by the word of Prisma Client alone: nobody else could be asked. */
  readonly unconfirmed?: ReadonlySet<string>
}
