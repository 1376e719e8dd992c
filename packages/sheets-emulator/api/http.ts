import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type Control, HUMAN_TOKEN } from '../control/control.ts'
import { describe, describeValues } from '../control/describe.ts'
import { type CallInfo, type FaultSpec, faultError } from '../control/faults.ts'
import { quotaError } from '../control/quota.ts'
import { driveErrorBody } from '../drive/errors.ts'
import { ApiError, invalid } from '../model/errors.ts'
import { LIMITS } from '../model/limits.ts'
import { type Route, route } from './routes.ts'
import { type CallContext, parseBody, serveCall } from './serve.ts'

/** What was done about a call: an answer, or none because the connection is to be reset. */
type Outcome = Answer | 'reset'

interface Answer {
  readonly status: number
  readonly body: string
  /** `text/html; charset=UTF-8` for a page of Google's front end; JSON when absent. */
  readonly type?: string
}

/** The body of a call, parsed when it is needed. */
interface Body {
  readonly text: string
  json: unknown
}

/** Answers a request of the Sheets API (/v4/) or of the Drive API (/drive/v3/). */
export async function handleApi(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const started = performance.now()
  const body: Body = { text: await readBody(request), json: undefined }
  let found: Route
  try {
    found = route(request.method ?? 'GET', url.pathname)
  } catch (error) {
    send(response, errorOutcome(error, url.pathname.startsWith('/drive/')))
    return
  }
  const call: CallInfo = {
    method: found.method.id,
    kind: found.method.kind,
    spreadsheetId: found.path.spreadsheetId ?? found.path.fileId,
    token: tokenOf(request, url),
  }
  const person = call.token === HUMAN_TOKEN
  const fault = person ? undefined : control.faults.take(call)
  const outcome = await carryOut(control, call, found, url, body, person, fault)
  const bytesOut = deliver(response, outcome, fault)
  if (person) return
  control.calls.add({
    ...call,
    status: outcome === 'reset' ? 0 : outcome.status,
    bytesIn: Buffer.byteLength(body.text),
    bytesOut,
    ms: performance.now() - started,
    requestKinds: found.method.id === 'spreadsheets.batchUpdate' ? kindsOf(body.json) : undefined,
  })
}

async function carryOut(
  control: Control,
  call: CallInfo,
  found: Route,
  url: URL,
  body: Body,
  person: boolean,
  fault: FaultSpec | undefined,
): Promise<Outcome> {
  try {
    if (!person) {
      const latency = control.latencyOf(call)
      if (latency > 0) await sleep(latency)
      if (control.outage === 'unreachable') return 'reset'
      if (control.outage) throw faultError(503)
      if (fault?.kind === 'status' && fault.status === 502) return BAD_GATEWAY
      if (fault?.kind === 'status')
        throw fault.status === 429 && call.kind !== 'drive'
          ? quotaError(call.kind, 'User', 60)
          : faultError(fault.status)
      if (fault?.kind === 'reset-before') return 'reset'
      if (fault?.kind === 'hang' && fault.apply === false) {
        await sleep(fault.ms)
        return 'reset'
      }
      control.quota.use(call)
      const hooks = control.runHooks(call, body.text)
      if (hooks) await hooks
      // Drive knows of no spreadsheet what the checks of Sheets are about: what a caller does not see is not there.
      if (call.kind === 'drive') control.access.check({ ...call, spreadsheetId: undefined })
      else control.access.check(found.method.id === COPY_TO ? { ...call, kind: 'read' } : call)
    }
    if (Buffer.byteLength(body.text) > LIMITS.bytesPerRequest)
      throw invalid(`Request payload size exceeds the limit: ${LIMITS.bytesPerRequest} bytes.`)
    if (found.method.body !== undefined) body.json = parseBody(body.text)
    // Copying a tab reads one spreadsheet and writes another.
    const target =
      found.method.id === COPY_TO ? (body.json as { destinationSpreadsheetId?: string }) : undefined
    if (target && !person) control.access.check({ ...call, spreadsheetId: target.destinationSpreadsheetId })
    const before = versionOf(control, call)
    const context: CallContext = {
      store: control.spreadsheets,
      token: call.token,
      sees: (id) => person || control.access.sees(call.token, id),
      canEdit: (spreadsheet, id) => person || control.access.canEdit(call.token, spreadsheet, id),
      guard: (spreadsheet, tab, rect) => {
        if (!person) control.access.guard(call.token, spreadsheet, tab, rect)
      },
    }
    const answer = control.spreadsheets.files.by(person ? undefined : call.token, () =>
      serveCall(found, url.searchParams, body.json, context),
    )
    if (call.kind === 'write') noteChange(control, call, before, body.json, answer)
    const outcome = { status: 200, body: JSON.stringify(answer) }
    if (fault?.kind === 'hang') await sleep(fault.ms)
    return fault?.kind === 'reset-after' ? 'reset' : outcome
  } catch (error) {
    return errorOutcome(error, call.kind === 'drive')
  }
}

/** Who changed what, for the page. A call whose answer `fields` cut short says less. */
function noteChange(
  control: Control,
  call: CallInfo,
  before: number | undefined,
  body: unknown,
  answer: unknown,
): void {
  const spreadsheet = control.spreadsheets.get(call.spreadsheetId ?? '')
  if (!spreadsheet || spreadsheet.version === before) return
  const { requests } = (body ?? {}) as { requests?: sheets_v4.Schema$Request[] }
  const said = requests ? describe(requests) : describeValues(spreadsheet, answer)
  const who = call.token === HUMAN_TOKEN ? 'a person' : call.token.replace(/^token-of-/, '') || 'a program'
  spreadsheet.history.add({ version: spreadsheet.version, at: Date.now(), who, ...said })
}

function versionOf(control: Control, { spreadsheetId }: CallInfo): number | undefined {
  return control.spreadsheets.get(spreadsheetId ?? '')?.version
}

/** Writes the outcome as its fault wants it. @returns bytes of the body that were sent */
function deliver(response: ServerResponse, outcome: Outcome, fault: FaultSpec | undefined): number {
  if (outcome === 'reset') {
    response.socket?.resetAndDestroy()
    return 0
  }
  if (outcome.status === 200 && fault?.kind === 'broken-json') {
    return send(response, { status: 200, body: `${outcome.body.slice(0, -1)},,"` })
  }
  if (outcome.status === 200 && fault?.kind === 'truncated') {
    const half = outcome.body.slice(0, Math.ceil(outcome.body.length / 2))
    response.writeHead(200, { ...HEADERS, 'Content-Length': Buffer.byteLength(outcome.body) + 1 })
    response.write(half, () => response.socket?.destroy())
    return Buffer.byteLength(half)
  }
  return send(response, outcome)
}

const COPY_TO = 'spreadsheets.sheets.copyTo'

/** Headers of recorded answers. */
const HEADERS = {
  'Content-Type': 'application/json; charset=UTF-8',
  Vary: 'Origin, X-Origin, Referer',
  'Cache-Control': 'private',
  Server: 'ESF',
}

/** Google's front end answers with a page where it gets no answer from behind it. */
const BAD_GATEWAY: Answer = {
  status: 502,
  type: 'text/html; charset=UTF-8',
  body: `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That’s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.  <ins>That’s all we know.</ins>
`,
}

function send(response: ServerResponse, { status, body, type }: Answer): number {
  const length = Buffer.byteLength(body)
  const extra =
    status === 401
      ? { 'WWW-Authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' }
      : undefined
  response.writeHead(status, {
    ...HEADERS,
    ...extra,
    ...(type && { 'Content-Type': type }),
    'Content-Length': length,
  })
  response.end(body)
  return length
}

function errorOutcome(error: unknown, drive: boolean): { status: number; body: string } {
  const known = error instanceof ApiError ? error : mistake(error)
  const { code, message, status, details } = known
  const answer = drive
    ? driveErrorBody(known)
    : { error: { code, message, status, ...(details && { details }) } }
  // Errors are printed with two spaces and a newline at the end, as recorded.
  return { status: code, body: `${JSON.stringify(answer, null, 2)}\n` }
}

/** A mistake of the emulator's own: answered as Google answers its own, and told to whoever runs the emulator. */
function mistake(error: unknown): ApiError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`sheets-emulator: ${text}\n`)
  return faultError(500)
}

/** The whole body of a request as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? '' : Buffer.concat(chunks).toString('utf8')
}

function tokenOf(request: IncomingMessage, url: URL): string {
  const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return header ?? url.searchParams.get('access_token') ?? ''
}

function kindsOf(body: unknown): string[] {
  const { requests } = (body ?? {}) as { requests?: unknown }
  return Array.isArray(requests)
    ? [...new Set(requests.flatMap((request) => Object.keys(request ?? {})))]
    : []
}
