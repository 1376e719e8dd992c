import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { WritebackError } from '../../errors.ts'
import { rawShape, rawWrite } from './raw-sql.ts'
import { callSiteOf, type HookCall } from './seam.ts'
import { rawText, type Unfollowed } from './unfollowed.ts'

/** Statements that are put together at run time all differ: after so many places nothing more is said. */
const MOST_SITES = 1000

/** Says what capture could not follow: once for each call site or statement, or by refusing the write. */
export class UnfollowedReporter {
  readonly #log: Logger
  readonly #policy: 'warn' | 'throw'
  readonly #said = new Set<string>()

  constructor(log: Logger, policy: 'warn' | 'throw') {
    this.#log = log
    this.#policy = policy
  }

  /**
   * @param call the write
   * @param effects what it does that is not followed; nothing is said of none
   * @throws WritebackError `CAPTURE_UNFOLLOWED` when the config says `unfollowed: 'throw'`
   */
  report(call: HookCall, effects: readonly Unfollowed[]): void {
    if (effects.length === 0) return
    const write = call.model === undefined ? call.operation : `${call.model}.${call.operation}`
    const models = [...new Set(effects.map((effect) => effect.model))]
    const error = new WritebackError('CAPTURE_UNFOLLOWED', {
      problem: `${write} changes records of ${models.join(', ')} in a way the extension does not see (${effects
        .map((effect) => effect.because)
        .join('; ')})`,
      remedy: 'Install the triggers (writeback triggers), or write those records in a call of their own',
    })
    if (this.#policy === 'throw') throw error
    const site = callSiteOf(call)
    // A raw statement that is awaited has no call site, but a text that stands in one place.
    const sql = call.model === undefined ? rawText(call.args) : undefined
    const place = site ?? rawShape(sql ?? '')
    const once = createHash('sha256').update(`${error.problem}\n${place}`).digest('base64')
    if (this.#said.has(once) || this.#said.size >= MOST_SITES) return
    this.#said.add(once)
    const statement = sql === undefined ? undefined : rawWrite(sql)
    this.#log.warn({ code: error.code, models, write, site, statement }, error.message)
  }
}
