import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SIGNATURE_HEADER, sign } from '../../src/inbound/signature.ts'

/** As in the script that `writeback sheet-script` prints: edits in between share the second signal. */
const GAP_MS = 1500

/** What the script in a spreadsheet does when somebody edits. */
export interface Script {
  readonly secret: string
  /** Tells of an edit. */
  edited(range: string): void
  /** Signals that were sent, and those of them that were not accepted. */
  readonly sent: { all: number; refused: number }
}

/** @param url where it posts to */
export function scriptFor(spreadsheetId: string, secret: string, url: () => string): Script {
  const sent = { all: 0, refused: 0 }
  let isWaiting = false
  let last = 0
  const send = async (range: string) => {
    await sleep(Math.max(0, last + GAP_MS - Date.now()))
    isWaiting = false
    last = Date.now()
    const nonce = randomUUID()
    const at = new Date().toISOString()
    const body = JSON.stringify({ spreadsheetId, sheetId: 0, range, editor: 'ada@example.com', at, nonce })
    const seconds = Math.floor(Date.now() / 1000)
    sent.all++
    const response = await fetch(url(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: `t=${seconds},v1=${sign(secret, seconds, nonce, body)}`,
      },
      body,
    }).catch(() => undefined)
    if (response?.status !== 202) sent.refused++
  }
  return {
    secret,
    sent,
    edited(range) {
      if (isWaiting) return
      isWaiting = true
      void send(range)
    },
  }
}

/** A secret as `openssl rand -hex 32` makes one. */
export const newSecret = () => randomBytes(32).toString('hex')
