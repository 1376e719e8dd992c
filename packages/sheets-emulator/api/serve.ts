import { ApiError, invalid } from '../model/errors.ts'
import { applyMask, parseMask } from '../model/field-mask.ts'
import { validateBody, validateMask } from '../schema/validate.ts'
import { type Call, snakeCase } from './call.ts'
import type { Route } from './routes.ts'

/** Query parameters of every method of Google's APIs. */
const COMMON = new Set([
  'fields',
  'alt',
  'prettyPrint',
  'key',
  'access_token',
  'oauth_token',
  'quotaUser',
  'callback',
  'uploadType',
  'upload_protocol',
  '$.xgafv',
])

/** What the HTTP layer knows of a call before its body is read as JSON. */
export type CallContext = Pick<Call, 'store' | 'canEdit' | 'guard' | 'token' | 'sees'>

/**
 * Checks a request against its method and runs it.
 *
 * @param body the request body, parsed by {@link parseBody}
 * @returns the answer as JSON values, already under the `fields` mask
 * @throws ApiError as the API would answer
 */
export function serveCall(
  { method, path }: Route,
  query: URLSearchParams,
  body: unknown,
  context: CallContext,
): unknown {
  for (const name of query.keys()) {
    if (!COMMON.has(name) && !method.query.includes(name)) {
      const description = `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. Field '${name}' could not be found in request message.`
      throw new ApiError(400, 'INVALID_ARGUMENT', description, [
        { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ description }] },
      ])
    }
  }
  const fields = query.get('fields')
  const mask = fields ? parseMask(fields) : undefined
  if (mask && method.answer !== undefined) validateMask(mask, method.answer)
  if (method.body !== undefined)
    validateBody(body, method.body, method.bodyField ? snakeCase(method.bodyField) : '')
  const answer = method.run({ ...context, path, query, body, mask })
  return mask && !method.masks ? applyMask(answer, mask) : answer
}

/** The JSON of a request body; an empty one is an empty message. @throws ApiError 400 for broken JSON */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(
      `Invalid JSON payload received. ${error instanceof Error ? error.message : 'Unexpected token.'}`,
    )
  }
}
