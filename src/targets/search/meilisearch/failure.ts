import { messageOf } from '../../../errors.ts'
import { LaneFailure } from '../../../lane/failure.ts'
import { isNetworkError } from '../../../lane/network-error.ts'
import { answerOf, type MeilisearchTask } from './client.ts'

/** What an error of the client means for everything that was to be written. */
export function meilisearchFailure(error: unknown): LaneFailure | undefined {
  if (error instanceof LaneFailure) return error
  const { status, code } = answerOf(error)
  const message = messageOf(error)
  const name = error instanceof Error ? error.name : ''
  if (name === 'MeilisearchRequestTimeOutError')
    return new LaneFailure('unclear', 'PLACE_OUTCOME_UNKNOWN', null, message)
  if (status === 0) {
    const isAway = name === 'MeilisearchRequestError' || isNetworkError(error)
    return isAway ? new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, message) : undefined
  }
  const told = `Meilisearch answers ${status} ${code}: ${message}`
  if (status === 401 || status === 403) return new LaneFailure('forbidden', 'PLACE_FORBIDDEN', status, told)
  if (status === 404) return new LaneFailure('gone', 'PLACE_NOT_FOUND', status, told)
  if (status === 429) return new LaneFailure('quota', 'PLACE_QUOTA', status, told)
  if (status >= 500) return new LaneFailure('unclear', 'PLACE_UNAVAILABLE', status, told)
  return new LaneFailure('refused', 'PLACE_SETTINGS', status, told)
}

/** A task that failed, with the engine's words. */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed'
  readonly code: string
  /** Whether it failed for a document that it had. */
  readonly isOfDocument: boolean

  constructor({ code, message }: NonNullable<MeilisearchTask['error']>) {
    super(`${code}: ${message}`)
    this.code = code
    this.isOfDocument = /^(invalid_document_|missing_document_|invalid_vector|max_fields_limit)/.test(code)
  }
}

/** What a failed task means that no document is to blame for. */
export function failureOfTask({ status, error }: MeilisearchTask): LaneFailure {
  const message = `the task ended as ${status}${error ? `: ${error.code}: ${error.message}` : ''}`
  if (error?.type === 'auth') return new LaneFailure('forbidden', 'PLACE_FORBIDDEN', null, message)
  if (error?.code === 'index_not_found') return new LaneFailure('gone', 'PLACE_NOT_FOUND', null, message)
  if (error?.type === 'invalid_request') return new LaneFailure('refused', 'PLACE_SETTINGS', null, message)
  return new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, message)
}
