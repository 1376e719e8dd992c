import type { WritebackConfig } from '../../config/define-config.ts'
import type { Sql } from '../../database/sql.ts'
import { WritebackError } from '../../errors.ts'
import type { Target } from '../../model/target.ts'
import { installedTargets } from '../triggers/installed.ts'
import { Tracked } from './tracked.ts'

/** How long what was found in the catalog is believed, in milliseconds. */
export const BELIEVED_MS = 10_000

/** What the extension publishes by itself; triggers do the rest. */
export interface ByExtension {
  readonly targets: readonly Target[]
  readonly tracked: Tracked
}

/**
 * Which targets the extension publishes for. Mode `extension`: always. `trigger`: never. `auto`: unless triggers
 * capture the target in this database, which the catalog tells; it is asked at the first write and now and then
 * again. While triggers are being installed both may publish a change for a moment: it is one job all the same.
 */
export class CaptureMode {
  readonly #config: WritebackConfig
  readonly #plans = new Map<string, ByExtension>()
  #known: { readonly plan: ByExtension; readonly until: number } | undefined

  constructor(config: WritebackConfig) {
    this.#config = config
  }

  /**
   * @param sql where to ask; inside of a transaction its own connection, for the pool may have no other
   * @throws WritebackError `TRIGGERS_MISSING` when a target insists on triggers and they are not installed
   */
  async byExtension(sql: Sql): Promise<ByExtension> {
    const { targets, schemas } = this.#config
    if (targets.every((target) => this.#modeOf(target) === 'extension')) return this.#plan(targets)
    const now = Date.now()
    if (this.#known && now < this.#known.until) return this.#known.plan
    const installed = await installedTargets(sql, schemas)
    const missing = targets.filter((one) => this.#modeOf(one) === 'trigger' && !installed.has(one.name))
    if (missing.length > 0) throw triggersMissing(missing)
    const plan = this.#plan(
      targets.filter((one) => this.#modeOf(one) === 'extension' || !installed.has(one.name)),
    )
    this.#known = { plan, until: now + BELIEVED_MS }
    return plan
  }

  /**
   * Whether triggers publish changes of this database: `no` where the configuration or the catalog says so, `unknown`
   * before the catalog was asked.
   */
  get triggers(): 'yes' | 'no' | 'unknown' {
    const { targets } = this.#config
    if (targets.every((target) => this.#modeOf(target) === 'extension')) return 'no'
    if (this.#known === undefined) return 'unknown'
    return this.#known.plan.targets.length < targets.length ? 'yes' : 'no'
  }

  #modeOf({ model }: Target): WritebackConfig['capture']['mode'] {
    return this.#config.capture.models[model] ?? this.#config.capture.mode
  }

  #plan(targets: readonly Target[]): ByExtension {
    const names = targets.map((target) => target.name).join('\n')
    const present = this.#plans.get(names)
    if (present) return present
    const plan = { targets, tracked: new Tracked(this.#config.dataModel, this.#config.schemas, targets) }
    this.#plans.set(names, plan)
    return plan
  }
}

function triggersMissing(targets: readonly Target[]): WritebackError {
  return new WritebackError('TRIGGERS_MISSING', {
    problem: `the triggers of ${targets.map((target) => target.name).join(', ')} are not installed`,
    expected: 'a database whose triggers capture them, because capture.mode is "trigger"',
    remedy: 'Run "writeback triggers", deploy the migration it writes, or use capture.mode "auto"',
  })
}
