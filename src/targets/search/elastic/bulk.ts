import { setTimeout as sleep } from 'node:timers/promises'
import { singleOut } from '../../../source/single-out.ts'
import type { DocumentWrite, PlaceAnswer } from '../../documents/place.ts'
import { withoutValues } from '../without-values.ts'
import { answerOf, type ElasticClient, type EngineError, requestOf, wordsOf } from './client.ts'
import { failureOfStatus } from './failure.ts'
import { REMOVED_AT } from './settings.ts'

/** What the engine says about one document. */
interface Item {
  readonly status: number
  readonly error?: EngineError
}

/** Where documents are written. */
export interface Bulk {
  readonly client: ElasticClient
  readonly index: string
  /** Whether a removed record leaves a document that says so. */
  readonly tombstones: boolean
}

/** How often documents are sent again that the engine had no room for, and the first wait before it in ms; it doubles. */
const REPEATS = 3
const REPEAT_AFTER_MS = 300

/**
 * Writes records by `_bulk`, each with its ticket as an external version: the engine refuses an older one. A request that
 * is too large is halved; documents that the engine has no room for are sent again.
 * @throws LaneFailure, and what the client throws
 */
export async function writeBulk(
  bulk: Bulk,
  writes: readonly DocumentWrite[],
  signal: AbortSignal,
): Promise<Map<string, PlaceAnswer>> {
  const answers = new Map<string, PlaceAnswer>()
  let rest = writes
  for (let repeats = 0; ; repeats++) {
    const { results, failed } = await singleOut(
      rest,
      (some) => send(bulk, some, signal),
      (error) => !isOfSome(error),
      async () => true,
    )
    for (const [{ id, shown }, error] of failed) answers.set(id, dead(answerOf(error), [id, shown?.document]))
    const crowded: DocumentWrite[] = []
    let failure: ReturnType<typeof failureOfStatus>
    for (const [write, item] of results.flat()) {
      const answer = answerTo(write, item)
      if (answer) {
        answers.set(write.id, answer)
        continue
      }
      failure = failureOfStatus(item.status, item.error ?? {})
      // Access, blocks and missing indexes do not go away within a second.
      if (failure && item.status !== 429 && item.status < 500) throw failure
      crowded.push(write)
    }
    if (crowded.length === 0) return answers
    if (failure && repeats >= REPEATS) throw failure
    await sleep(REPEAT_AFTER_MS * 2 ** repeats, undefined, { signal })
    rest = crowded
  }
}

/** Whether a request was refused for some of its documents: too many, too large, an id that no document may have. */
function isOfSome(error: unknown): boolean {
  const { status } = answerOf(error)
  return status === 413 || status === 400
}

async function send(
  { client, index, tombstones }: Bulk,
  writes: readonly DocumentWrite[],
  signal: AbortSignal,
): Promise<readonly (readonly [DocumentWrite, Item])[]> {
  const removedAt = new Date().toISOString()
  const bulkBody = writes
    .map(({ id, ticket, shown }) => {
      const name = shown || tombstones ? 'index' : 'delete'
      // By hand: JSON has no bigint, and a number would lose digits.
      const action = `{"${name}":{"_id":${JSON.stringify(id)},"version":${ticket},"version_type":"external"}}\n`
      if (name === 'delete') return action
      return `${action}${JSON.stringify(shown ? shown.document : { [REMOVED_AT]: removedAt })}\n`
    })
    .join('')
  const request = { method: 'POST', path: `/${encodeURIComponent(index)}/_bulk`, bulkBody }
  const { items } = await requestOf<{ items: Readonly<Record<string, Item>>[] }>(client, request, signal)
  return writes.map((write, at) => {
    const [item] = Object.values(items[at] ?? {})
    return [
      write,
      item ?? { status: 500, error: { reason: 'it did not answer for every document' } },
    ] as const
  })
}

/** What an item says of its document; undefined where it is not the document's fault. */
function answerTo({ id, shown }: DocumentWrite, item: Item): PlaceAnswer | undefined {
  const { status, error = {} } = item
  if (status < 300) return { status: 'written' }
  if (status === 404 && shown === undefined && error.type === undefined) return { status: 'written' }
  if (status === 409) {
    const [, version] = /current version \[(\d+)\]/.exec(error.reason ?? '') ?? []
    return { status: 'superseded', ...(version !== undefined && { version: BigInt(version) }) }
  }
  if (status === 400 || status === 413) return dead({ status, error }, [id, shown?.document])
  return undefined
}

function dead({ status, error }: { status: number; error: EngineError }, values: unknown): PlaceAnswer {
  return { status: 'dead', reason: `the engine answers ${status} ${withoutValues(wordsOf(error), values)}` }
}
