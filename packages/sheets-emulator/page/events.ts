import type { ServerResponse } from 'node:http'
import type { SpreadsheetStore } from '../store/spreadsheets.ts'

const QUIET_MS = 80

/**
 * Tells a page about changes as Server-Sent Events: one event for all changes of a moment, so that a burst of
 * writes does not become a burst of events. The event says only that something changed; the page fetches what it
 * shows.
 *
 * @param spreadsheetId the spreadsheet to follow, or undefined to follow all
 */
export function streamChanges(
  store: SpreadsheetStore,
  spreadsheetId: string | undefined,
  response: ServerResponse,
): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    Connection: 'keep-alive',
  })
  const version = (): number => {
    if (spreadsheetId !== undefined) return store.get(spreadsheetId)?.version ?? -1
    return store.all().reduce((sum, each) => sum + each.version + 1, 0)
  }
  let sent = version()
  let timer: NodeJS.Timeout | undefined
  const send = (): void => {
    timer = undefined
    const now = version()
    if (now !== sent) response.write(`data: ${JSON.stringify({ version: now })}\n\n`)
    sent = now
  }
  response.write(`retry: 1000\ndata: ${JSON.stringify({ version: sent })}\n\n`)
  const unwatch = store.watch(() => {
    timer ??= setTimeout(send, QUIET_MS)
  })
  response.on('close', () => {
    unwatch()
    clearTimeout(timer)
  })
}
