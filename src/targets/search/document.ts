import { isThenable, kindOf } from '../../config/describe.ts'
import { WritebackError } from '../../errors.ts'
import { canonicalJson } from '../documents/fingerprint.ts'
import type { SearchTarget } from './target.ts'

/** A document as it is sent: nothing but JSON, so that what an index gives back can be compared with it. */
export type PlainDocument = Readonly<Record<string, unknown>>

/**
 * The document of a record. Dates and decimals become texts, as their JSON says, and so does a bigint.
 * @throws WritebackError `DOCUMENT_FAILED` for anything but an object; and what the target's function throws
 */
export function documentOf({ name, document }: SearchTarget, record: object): PlainDocument {
  const made = document ? document(record as never) : record
  const plain: unknown = isThenable(made) ? made : JSON.parse(canonicalJson(made))
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain) || isThenable(plain)) {
    throw new WritebackError('DOCUMENT_FAILED', {
      problem: `the function of target ${name} that makes a document`,
      expected: 'an object',
      got: kindOf(made),
      remedy: 'Correct document in the configuration, then writeback retry',
    })
  }
  return plain as PlainDocument
}
