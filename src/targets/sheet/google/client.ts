import http from 'node:http'
import https from 'node:https'
import type { GaxiosOptions } from 'gaxios'
import { AuthPlus, sheets, type sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'

/** What is needed to talk to Google Sheets, or to another server that speaks its API. */
export interface SheetsClientOptions {
  /** The service account, or null for a server that asks for none. */
  readonly google: { readonly email: string; readonly privateKey: string } | null
  /** Another root of the API (its origin counts), or null for Google's. */
  readonly sheetsApiUrl: string | null
}

/** Connections to the API that are kept open; a call needs one, and each lane makes one call at a time. */
const MAX_SOCKETS = 16

/**
 * Makes the googleapis client of Sheets v4, with connections that are kept alive. Its own retries are off: it does not
 * repeat the calls that matter here (POST), and what it does repeat it repeats within two seconds, whatever the
 * quota says.
 */
export function createSheetsClient({ google, sheetsApiUrl }: SheetsClientOptions): sheets_v4.Sheets {
  const auth = new AuthPlus()
  return sheets({
    version: 'v4',
    retry: false,
    adapter: sendUnlessAborted as never,
    agent: agentFor(sheetsApiUrl, MAX_SOCKETS),
    ...(sheetsApiUrl !== null && { rootUrl: sheetsApiUrl }),
    ...(google !== null && {
      auth: new auth.JWT({
        email: google.email,
        key: google.privateKey,
        scopes: ['https://www.googleapis.com/auth/spreadsheets'],
      }),
    }),
  })
}

/** Connections to an API that are kept open. */
export function agentFor(apiUrl: string | null, maxSockets: number): http.Agent {
  const secure = apiUrl === null || apiUrl.startsWith('https:')
  return new (secure ? https : http).Agent({ keepAlive: true, maxSockets })
}

/**
 * A call that was given up before it was sent must not reach node-fetch: there it is an error event that nobody listens
 * to, which ends the process.
 */
export const sendUnlessAborted: GaxiosOptions['adapter'] = async (options, send) => {
  options.signal?.throwIfAborted()
  return send(options)
}
