import { messageOf } from '../../../errors.ts'
import { LaneFailure } from '../../../lane/failure.ts'
import { isNetworkError } from '../../../lane/network-error.ts'
import { statusOf } from './client.ts'

/** What an error of the client means for everything that was to be written. */
export function typesenseFailure(error: unknown): LaneFailure | undefined {
  if (error instanceof LaneFailure) return error
  const status = statusOf(error)
  const message = messageOf(error)
  if (status > 0) return failureOfStatus(status, message)
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown }
  if (code === 'ECONNABORTED') return new LaneFailure('unclear', 'PLACE_OUTCOME_UNKNOWN', null, message)
  return isNetworkError(error) ? new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, message) : undefined
}

/** What a status means that no document is to blame for. */
export function failureOfStatus(status: number, words: string): LaneFailure {
  const message = `Typesense answers ${status} ${words}`
  if (status === 401 || status === 403)
    return new LaneFailure('forbidden', 'PLACE_FORBIDDEN', status, message)
  if (status === 404) return new LaneFailure('gone', 'PLACE_NOT_FOUND', status, message)
  if (status === 429) return new LaneFailure('quota', 'PLACE_QUOTA', status, message)
  // 503 also says that writes are lagging behind.
  if (status >= 500) return new LaneFailure('unclear', 'PLACE_UNAVAILABLE', status, message)
  return new LaneFailure('refused', 'PLACE_SETTINGS', status, message)
}
