/**
 * Thrown by a function of a target when its place cannot be used, whatever the record: nothing is anybody's fault, no
 * attempt is used up, the target waits and is tried again by itself.
 * @example
 * if (response.status === 503) throw new PlaceAway('the warehouse answers 503')
 */
export class PlaceAway extends Error {
  override readonly name = 'PlaceAway'
}

/**
 * Thrown by a function of a target when its place will never take this record as it is: it becomes a dead letter at once.
 * The message is stored and shown to operators: no values of the record.
 * @example
 * if (response.status === 422) throw new RecordRefused('the warehouse knows no article of this number')
 */
export class RecordRefused extends Error {
  override readonly name = 'RecordRefused'
}
