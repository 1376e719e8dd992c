import type { Logger } from 'pino'
import { WritebackError } from '../errors.ts'
import type { Unfollowed } from './unfollowed.ts'

/** Says what capture could not follow: once per call site, or by refusing the write. */
export class UnfollowedReporter {
  readonly #log: Logger
  readonly #policy: 'warn' | 'throw'
  readonly #said = new Set<string>()

  constructor(log: Logger, policy: 'warn' | 'throw') {
    this.#log = log
    this.#policy = policy
  }

  /**
   * @param write the write, as `Model.operation` or `$executeRaw`
   * @param effects what it does that is not followed; nothing is said of none
   * @throws WritebackError `CAPTURE_UNFOLLOWED` when the config says `unfollowed: 'throw'`
   */
  report(write: string, effects: readonly Unfollowed[]): void {
    if (effects.length === 0) return
    const models = [...new Set(effects.map((effect) => effect.model))]
    const error = new WritebackError('CAPTURE_UNFOLLOWED', {
      problem: `${write} changes records of ${models.join(', ')} in a way the extension does not see (${effects
        .map((effect) => effect.because)
        .join('; ')})`,
      remedy: 'Install the triggers (writeback triggers), or write those records in a call of their own',
    })
    if (this.#policy === 'throw') throw error
    const site = callSite()
    const once = `${write} ${error.problem} ${site ?? ''}`
    if (this.#said.has(once)) return
    this.#said.add(once)
    this.#log.warn({ code: error.code, models, write, site }, error.message)
  }
}

/** The nearest frame that is neither ours nor a package's, where the engine still knows it. */
function callSite(): string | undefined {
  const frames = new Error().stack?.split('\n').slice(1) ?? []
  const frame = frames.find(
    (line) => !line.includes('node_modules') && !line.includes('/capture/') && !line.includes('node:'),
  )
  return frame?.trim().replace(/^at /, '')
}
