import { ApiError } from '../model/errors.ts'
import type { CallInfo } from './faults.ts'

/** Calls a minute, reads and writes apart. Google's defaults: 60 for a user, 300 for the project. */
export interface QuotaLimits {
  readonly perUser: number
  readonly perProject: number
  /** Length of a window in ms; 60,000 unless a test wants shorter ones. */
  readonly windowMs?: number | undefined
}

/** What is used of the current window. */
export interface QuotaUse {
  readonly read: number
  readonly write: number
}

/**
 * The quota of Google Sheets: refilled every minute, one batch is one call, a token is a user
 * (https://developers.google.com/workspace/sheets/api/limits). Off until limits are set.
 */
export class Quota {
  readonly #now: () => number
  #limits: QuotaLimits | undefined
  #windowStart = 0
  #used = new Map<string, number>()

  /** @param now clock in ms, for tests */
  constructor(limits: QuotaLimits | undefined, now: () => number = Date.now) {
    this.#now = now
    this.set(limits)
  }

  get limits(): QuotaLimits | undefined {
    return this.#limits
  }

  /** Sets the limits, or none, and begins a new window. */
  set(limits: QuotaLimits | undefined): void {
    this.#limits = limits
    this.#windowStart = this.#now()
    this.#used = new Map()
  }

  /** What the project has used of this window. */
  used(): QuotaUse {
    this.#refill()
    return { read: this.#used.get('read') ?? 0, write: this.#used.get('write') ?? 0 }
  }

  /** Counts a call. @throws ApiError 429 when the user or the project has no quota left; such a call is not counted */
  use({ kind, token }: CallInfo): void {
    if (!this.#limits || kind === 'drive') return
    this.#refill()
    const user = `${kind}:${token}`
    const ofUser = this.#used.get(user) ?? 0
    const ofProject = this.#used.get(kind) ?? 0
    if (ofUser >= this.#limits.perUser) throw quotaError(kind, 'User', this.#limits.perUser)
    if (ofProject >= this.#limits.perProject) throw quotaError(kind, 'Project', this.#limits.perProject)
    this.#used.set(user, ofUser + 1)
    this.#used.set(kind, ofProject + 1)
  }

  #refill(): void {
    const length = this.#limits?.windowMs ?? 60_000
    const now = this.#now()
    if (now - this.#windowStart < length) return
    this.#windowStart = now - ((now - this.#windowStart) % length)
    this.#used = new Map()
  }
}

/**
 * The 429 of the real API: details as in recorded answers of 2021, metadata and help link as in user reports of
 * 2025 (n8n-io/n8n#16750). There is no Retry-After in any recording.
 */
export function quotaError(kind: 'read' | 'write', owner: 'User' | 'Project', limit: number): ApiError {
  const [Kind, kinds] = kind === 'read' ? ['Read', 'read_requests'] : ['Write', 'write_requests']
  const ofUser = owner === 'User'
  const limitText = `${Kind} requests per minute${ofUser ? ' per user' : ''}`
  return new ApiError(
    429,
    'RESOURCE_EXHAUSTED',
    `Quota exceeded for quota metric '${Kind} requests' and limit '${limitText}' of service 'sheets.googleapis.com' for consumer 'project_number:100000000000'.`,
    [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'RATE_LIMIT_EXCEEDED',
        domain: 'googleapis.com',
        metadata: {
          service: 'sheets.googleapis.com',
          consumer: 'projects/100000000000',
          quota_location: 'global',
          quota_metric: `sheets.googleapis.com/${kinds}`,
          quota_limit: `${Kind}RequestsPerMinutePer${owner}`,
          quota_limit_value: String(limit),
          quota_unit: ofUser ? '1/min/{project}/{user}' : '1/min/{project}',
        },
      },
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [
          {
            description: 'Request a higher quota limit.',
            url: 'https://cloud.google.com/docs/quotas/help/request_increase',
          },
        ],
      },
    ],
  )
}
