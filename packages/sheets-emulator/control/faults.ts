import { ApiError, type RpcStatus } from '../model/errors.ts'

/** What sort of call it is: one that reads or writes a spreadsheet, or one to the Drive API. */
export type CallKind = 'read' | 'write' | 'drive'

/** What a call is, as far as faults, quotas and logs care. */
export interface CallInfo {
  /** As in the discovery document: `spreadsheets.batchUpdate`; with the API before it for Drive's: `drive.changes.list`. */
  readonly method: string
  readonly kind: CallKind
  readonly spreadsheetId: string | undefined
  /** The bearer token, "" without one. */
  readonly token: string
}

/** Which calls a fault or a latency is for. What is absent matches every call. */
export interface CallMatch {
  readonly calls?: CallKind | 'any' | undefined
  /** A method id, `spreadsheets.values.get`. */
  readonly method?: string | undefined
  readonly spreadsheetId?: string | undefined
}

/** HTTP statuses that a fault can answer with. */
export type FaultStatus = 401 | 403 | 404 | 429 | 500 | 502 | 503

/**
 * What goes wrong.
 * - `status`: an error answer; nothing is applied. A 502 is a page of HTML, as Google's front end answers
 * - `reset-before`, `reset-after`: the connection is reset, before or after the call was applied
 * - `hang`: the call is applied (unless `apply` is false) and stays unanswered for `ms`; then the answer comes, or
 *   a reset when it was not applied
 * - `broken-json`: applied, answered with status 200 and text that is no JSON
 * - `truncated`: applied, answered with status 200; the connection ends in the middle of the body
 */
export type FaultKind =
  | { readonly kind: 'status'; readonly status: FaultStatus }
  | { readonly kind: 'reset-before' | 'reset-after' | 'broken-json' | 'truncated' }
  | { readonly kind: 'hang'; readonly ms: number; readonly apply?: boolean | undefined }

/** A fault to inject. */
export type FaultSpec = FaultKind & {
  readonly match?: CallMatch | undefined
  /** How many calls it hits before it is gone. 1 by default; with `probability`, no end by default. */
  readonly count?: number | undefined
  /** 0..1: whether it hits a call that matches. 1 by default. */
  readonly probability?: number | undefined
  /** Makes the sequence of hits of a `probability` repeatable. */
  readonly seed?: number | undefined
}

interface ActiveFault {
  readonly id: number
  readonly spec: FaultSpec
  readonly random: () => number
  left: number
  hits: number
}

/** A fault as it is listed: what it is, how many hits are left (null: no end) and were made. */
export interface FaultStatusReport {
  readonly id: number
  readonly spec: FaultSpec
  readonly left: number | null
  readonly hits: number
}

/** The faults that are waiting for calls. */
export class Faults {
  readonly #active: ActiveFault[] = []
  readonly #hits = new Map<string, number>()
  #nextId = 1

  /** Adds a fault. Of several that match a call, the first one added hits it. @returns its id */
  add(spec: FaultSpec): number {
    const left = spec.count ?? (spec.probability === undefined ? 1 : Number.POSITIVE_INFINITY)
    const fault = { id: this.#nextId++, spec, random: mulberry32(spec.seed ?? 1), left, hits: 0 }
    this.#active.push(fault)
    return fault.id
  }

  /** Removes one fault, or all. */
  remove(id?: number): void {
    if (id === undefined) this.#active.length = 0
    const index = this.#active.findIndex((fault) => fault.id === id)
    if (index >= 0) this.#active.splice(index, 1)
  }

  /** The fault that hits this call, if one does. */
  take(call: CallInfo): FaultSpec | undefined {
    if (this.#active.length === 0) return undefined
    for (const [index, fault] of this.#active.entries()) {
      if (!matches(fault.spec.match, call)) continue
      if (fault.spec.probability !== undefined && fault.random() >= fault.spec.probability) continue
      fault.hits++
      fault.left--
      if (fault.left <= 0) this.#active.splice(index, 1)
      const name = fault.spec.kind === 'status' ? `status-${fault.spec.status}` : fault.spec.kind
      this.#hits.set(name, (this.#hits.get(name) ?? 0) + 1)
      return fault.spec
    }
    return undefined
  }

  /** Faults that are still waiting. */
  list(): FaultStatusReport[] {
    return this.#active.map(({ id, spec, left, hits }) => ({
      id,
      spec,
      left: Number.isFinite(left) ? left : null,
      hits,
    }))
  }

  /** How many calls were hit, by kind; `status-503` for an error answer. */
  hits(): Record<string, number> {
    return Object.fromEntries(this.#hits)
  }
}

/** True when a call is one of those meant. */
export function matches(match: CallMatch | undefined, call: CallInfo): boolean {
  if (!match) return true
  if (match.calls && match.calls !== 'any' && match.calls !== call.kind) return false
  if (match.method && match.method !== call.method) return false
  return !match.spreadsheetId || match.spreadsheetId === call.spreadsheetId
}

/** The error answers of the real API by status; sources in README.md. */
export function faultError(status: FaultStatus): ApiError {
  const [rpc, message] = ANSWERS[status]
  return new ApiError(status, rpc, message)
}

const ANSWERS: Readonly<Record<FaultStatus, readonly [RpcStatus, string]>> = {
  401: [
    'UNAUTHENTICATED',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  ],
  403: ['PERMISSION_DENIED', 'The caller does not have permission'],
  404: ['NOT_FOUND', 'Requested entity was not found.'],
  429: ['RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  500: ['INTERNAL', 'Internal error encountered.'],
  // Its answer is a page; see api/http.ts.
  502: ['UNAVAILABLE', 'Bad Gateway'],
  503: ['UNAVAILABLE', 'The service is currently unavailable.'],
}

/** A small seeded generator (mulberry32, public domain): the same seed gives the same numbers of [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
