import type { CallSignals } from '../../../lane/signals.ts'
import type { SheetsApi } from './api.ts'
import { SheetsFailure } from './failure.ts'
import type { Fence } from './fence.ts'

/**
 * Writes the next fence and nothing else.
 * @returns as {@link Fence.applied}
 * @throws SheetsFailure of kind `refused` when its number is there: a call that was given up has arrived
 */
export async function writeFence(
  api: SheetsApi,
  spreadsheetId: string,
  fence: Fence,
  signals: CallSignals,
): Promise<boolean> {
  const part = fence.next(Date.now())
  if (!part) return false
  const requests = part.requests.map((request) => JSON.stringify(request))
  try {
    await api.write(spreadsheetId, { requests, responseRanges: [] }, signals)
  } catch (error) {
    const kind = error instanceof SheetsFailure ? error.kind : 'unclear'
    if (kind === 'unclear' || kind === 'refused') fence.outcomeUnknown(kind === 'unclear')
    throw error
  }
  return fence.applied(part.id, Date.now())
}
