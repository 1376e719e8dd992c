import { messageOf } from '../../../errors.ts'
import { LaneFailure } from '../../../lane/failure.ts'
import { isNetworkError } from '../../../lane/network-error.ts'
import { answerOf, type EngineError, wordsOf } from './client.ts'

/** The disk is nearly full, or an operator has closed the index to writes. */
const BLOCKED = 'cluster_block_exception'

/** What an error of a client means for everything that was to be written. */
export function elasticFailure(error: unknown): LaneFailure | undefined {
  if (error instanceof LaneFailure) return error
  const { status, error: told } = answerOf(error)
  if (status > 0) return failureOfStatus(status, told)
  const name = error instanceof Error ? error.name : ''
  if (/^(TimeoutError|RequestAbortedError)$/.test(name))
    return new LaneFailure('unclear', 'PLACE_OUTCOME_UNKNOWN', null, messageOf(error))
  if (/^(ConnectionError|NoLivingConnectionsError|DeserializationError)$/.test(name) || isNetworkError(error))
    return new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, messageOf(error))
  return undefined
}

/** What a status means, of a call or of one document of it, if it is no document's fault. */
export function failureOfStatus(status: number, told: EngineError): LaneFailure | undefined {
  const message = `the engine answers ${status} ${wordsOf(told)}`.trim()
  if (told.type === BLOCKED || (status === 403 && /flood stage|read-only/.test(told.reason ?? '')))
    return new LaneFailure('transient', 'PLACE_UNAVAILABLE', status, message)
  if (status === 401 || status === 403)
    return new LaneFailure('forbidden', 'PLACE_FORBIDDEN', status, message)
  if (status === 404) return new LaneFailure('gone', 'PLACE_NOT_FOUND', status, message)
  if (status === 429) return new LaneFailure('quota', 'PLACE_QUOTA', status, message)
  if (status >= 500) return new LaneFailure('unclear', 'PLACE_UNAVAILABLE', status, message)
  if (status >= 400) return new LaneFailure('refused', 'PLACE_SETTINGS', status, message)
  return undefined
}
