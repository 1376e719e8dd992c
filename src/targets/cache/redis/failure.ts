import { LaneFailure } from '../../../lane/failure.ts'

/** First words of answers after which nothing is wrong with the record: Redis cannot work now, and will later. */
const AWAY = [
  ...['OOM', 'READONLY', 'LOADING', 'CLUSTERDOWN', 'MASTERDOWN', 'MISCONF', 'BUSY', 'TRYAGAIN'],
  ...['NOREPLICAS', 'UNBLOCKED', 'NOGOODSLAVE', 'INPROG'],
]
const FORBIDDEN = ['NOAUTH', 'WRONGPASS', 'NOPERM']
/** A client that knows of no cluster and is sent to another node. */
const SETTINGS = ['MOVED', 'ASK']
/** What a key is to blame for, and stays so. */
const DEAD = ['WRONGTYPE', 'CROSSSLOT']
const KNOWN = new RegExp(`\\b(${[...AWAY, ...FORBIDDEN, ...SETTINGS, ...DEAD].join('|')})\\b`)

/** The word by which Redis says what is wrong; undefined for what is no answer of Redis. */
function answerOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const first = /^-?([A-Z][A-Z0-9]+)\b/.exec(error.message)?.[1]
  if (first === undefined) return undefined
  if (first !== 'ERR') return first
  if (error.message.includes('max number of clients')) return 'BUSY'
  // From inside a script: "ERR Error running script (...): WRONGTYPE ...", up to Redis 6.
  if (/can't (run|access)|no permissions/i.test(error.message)) return 'NOPERM'
  return KNOWN.exec(error.message)?.[1] ?? first
}

/** What an error of a client means for the target; undefined where it is a key's fault, or a mistake in the code. */
export function failureOf(error: unknown): LaneFailure | undefined {
  if (error instanceof LaneFailure) return error
  const isMistake =
    !(error instanceof Error) ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error.name === 'WritebackError'
  if (isMistake) return undefined
  const answer = answerOf(error)
  if (answer === undefined) {
    // Connections that break or are not there, each client in its own words.
    return new LaneFailure(
      'transient',
      'PLACE_UNAVAILABLE',
      null,
      `Redis cannot be reached: ${wordsOf(error)}`,
    )
  }
  if (AWAY.includes(answer))
    return new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, `Redis answers ${answer}`)
  if (FORBIDDEN.includes(answer)) {
    const right = 'its user needs EVALSHA, EVAL, GET, SET, UNLINK, SCAN, INFO and PING'
    return new LaneFailure('forbidden', 'PLACE_FORBIDDEN', null, `Redis answers ${answer}: ${right}`)
  }
  if (SETTINGS.includes(answer)) {
    const what = `Redis answers ${answer}: it is a cluster, and the client was not made for one`
    return new LaneFailure('refused', 'PLACE_SETTINGS', null, what)
  }
  return undefined
}

/** Why a record's key cannot be dropped, without the key: it may hold the record's values. */
export function reasonOf(error: unknown): { readonly status: 'dead' | 'failed'; readonly reason: string } {
  const answer = answerOf(error) ?? 'an error'
  switch (answer) {
    case 'WRONGTYPE':
      return {
        status: 'dead',
        reason: 'Redis answers WRONGTYPE: something else stands under the name of the fence of a key',
      }
    case 'CROSSSLOT':
      return {
        status: 'dead',
        reason:
          'Redis answers CROSSSLOT: a key has a "}" that ends no hash tag, so that its fence is in another slot',
      }
    default:
      return { status: 'failed', reason: `Redis answers ${answer}` }
  }
}

function wordsOf(error: Error): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.message || error.name
}
