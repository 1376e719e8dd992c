import type { DocumentPlace } from '../documents/place.ts'
import type { SearchTarget } from './target.ts'

/** An index of a search engine, as each engine implements it. */
export interface SearchPlace<T extends SearchTarget = SearchTarget> extends DocumentPlace<T> {
  /**
   * Makes the index, or brings its settings up to those of the target. Safe to run again, and beside others.
   * @throws what `failureOf` knows
   */
  setUp(): Promise<void>
  /**
   * What about the index is not as the target says, in a few words each. Changes nothing.
   * @throws what `failureOf` knows
   */
  differences(): Promise<readonly string[]>
  /** The document that stands there for a record; undefined for none. */
  read(id: string): Promise<Readonly<Record<string, unknown>> | undefined>
}
