import { z } from 'zod'
import type { Schemas } from '../config/schemas.ts'
import type { Sql } from '../database/sql.ts'
import { sendPull } from '../queue/pull.ts'
import { textOf } from './body.ts'
import { takeNonce } from './nonces.ts'
import { isSigned, SIGNATURE_HEADER } from './signature.ts'

/** A signal is a few hundred bytes. */
const MAX_BYTES = 64 * 1024

/** What the script says of an edit: where, who and when; no values. */
const signalSchema = z.looseObject({
  spreadsheetId: z.string().min(1).max(200),
  editor: z.string().max(320).default(''),
  nonce: z.string().min(16).max(100),
})

/** What signals are checked with, and where they go. */
export interface SignalContext {
  /** Ids of the spreadsheets whose edits are wanted. */
  readonly spreadsheets: ReadonlySet<string>
  readonly secret: string
  readonly sql: Sql
  readonly schemas: Schemas
}

/**
 * Takes the signal of a script: somebody edited a spreadsheet. Queues a look at it.
 *
 * @returns 202 when it is queued, or was; 405 for another method than POST, 413 for a body over 64 kB, 401 for a
 * signature that is missing, wrong or older than five minutes, 400 for a signed body that says nothing of use, 404 for a
 * spreadsheet whose edits nobody wants, 409 for a signal that was accepted before, 503 while the database is away
 */
export async function receiveSignal(request: Request, context: SignalContext): Promise<Response> {
  const { spreadsheets, secret, sql, schemas } = context
  if (request.method !== 'POST') return answer(405, 'POST only', { allow: 'POST' })
  const body = await textOf(request, MAX_BYTES).catch(() => '')
  if (body === undefined) return answer(413, 'too large', { connection: 'close' })
  const given = parse(body)
  const nonce = nonceIn(given)
  const header = request.headers.get(SIGNATURE_HEADER)
  if (!isSigned({ header, nonce, body }, secret, Date.now() / 1000)) return answer(401, 'not accepted')
  const { success, data } = signalSchema.safeParse(given)
  if (!success) return answer(400, 'not a signal')
  if (!spreadsheets.has(data.spreadsheetId)) return answer(404, 'no such spreadsheet')
  try {
    if (!(await takeNonce(sql, schemas.library, data.nonce))) return answer(409, 'seen before')
    await sendPull(sql, schemas, { spreadsheetId: data.spreadsheetId, editor: data.editor || undefined })
  } catch {
    // The spreadsheet is looked at from time to time without being told.
    return answer(503, 'try again')
  }
  return answer(202, 'accepted')
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function nonceIn(given: unknown): string {
  const { nonce } = (given ?? {}) as { nonce?: unknown }
  return typeof nonce === 'string' ? nonce : ''
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })
}
