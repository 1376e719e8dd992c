import { type Change, parseChange } from '../../src/change/change.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import type { SheetTarget } from '../../src/targets/sheet/config/target.ts'
import type { AnyPrismaClient, Application } from './application.ts'
import { type Changes, takeChanges } from './audit.ts'
import { orderRows } from './row-order.ts'
import { differences, modelsShown, type Snapshot, snapshot } from './shown.ts'
import { type Outcome, runUnit, type Unit } from './units.ts'

/** A way to capture, as the differential test installs it. */
export interface Capture {
  readonly mode: 'trigger' | 'extension'
  /** The client that operations are made with; told of every unit before it runs. */
  prepare(client: AnyPrismaClient, config: WritebackConfig): Promise<(unit: Unit) => PreparedClient>
}

/** A client for one unit, and what capture said while it was used. */
export interface PreparedClient {
  readonly client: AnyPrismaClient
  /** The calls of which capture reported that it could not follow something, by name; triggers never do. */
  reported(): readonly string[]
}

/** A record that should have been published and was not, or the other way round. */
export interface Difference {
  readonly target: string
  readonly id: string
  readonly unit: Unit
  /** Whether capture said so when it happened. */
  readonly reported: boolean
}

/** What came of a unit. */
export interface Checked {
  readonly outcome: Outcome
  readonly changed: number
  readonly published: number
  readonly missed: readonly Difference[]
  readonly superfluous: readonly Difference[]
  /** See `DifferentialResult.extra`. */
  readonly extra: number
  /** See `DifferentialResult.reported`. */
  readonly reported: number
}

/** A database with capture installed: runs units and compares what they changed with what was published. */
export class Session {
  /** A client without capture. */
  readonly plain: AnyPrismaClient
  readonly #application: Application
  readonly #capture: Capture
  readonly #targets: readonly SheetTarget[]
  readonly #clientFor: (unit: Unit) => PreparedClient
  readonly #snapshots = new Map<string, Snapshot>()

  private constructor(
    application: Application,
    capture: Capture,
    targets: readonly SheetTarget[],
    clientFor: (unit: Unit) => PreparedClient,
  ) {
    this.plain = application.client()
    this.#application = application
    this.#capture = capture
    this.#targets = targets
    this.#clientFor = clientFor
  }

  /** @param application one whose database has the queue, the audit and what the capture needs */
  static async open(
    application: Application,
    capture: Capture,
    config: WritebackConfig,
    targets: readonly SheetTarget[],
  ): Promise<Session> {
    return new Session(application, capture, targets, await capture.prepare(application.client(), config))
  }

  /** Forgets what has happened: the next unit is compared with how things are now. */
  async settle(): Promise<void> {
    await this.#takeJobs()
    await takeChanges(this.#application.pool, this.#application.dataModel)
    for (const target of this.#targets) if (target.include !== undefined) await this.#lookAt(target)
  }

  /** Runs a unit, and compares. */
  async check(unit: Unit): Promise<Checked> {
    const { client, reported } = this.#clientFor(unit)
    await orderRows(this.plain, unit.operations)
    const outcome = await runUnit(client, unit)
    const changes = await takeChanges(this.#application.pool, this.#application.dataModel)
    const published = Map.groupBy(await this.#takeJobs(), (change) => change.target)
    const missed: Difference[] = []
    const superfluous: Difference[] = []
    const found = { outcome, changed: 0, published: 0, extra: 0 }
    for (const target of this.#targets) {
      const expected = await this.#expected(target, changes)
      const got = new Set((published.get(target.name) ?? []).map((change) => change.id))
      found.changed += expected.size
      found.published += got.size
      // The extension looks after a call: what came and went in it, no sheet can ever have shown.
      const passing = this.#capture.mode === 'extension' ? changes.passing.get(target.model) : undefined
      const difference = (id: string) => ({ target: target.name, id, unit, reported: reported().length > 0 })
      missed.push(...[...expected].filter((id) => !got.has(id) && !passing?.has(id)).map(difference))
      const more = [...got].filter((id) => !expected.has(id))
      if (target.include === undefined) superfluous.push(...more.map(difference))
      else found.extra += more.length
    }
    return { ...found, missed, superfluous, reported: reported().filter((write) => !isRaw(write)).length }
  }

  /** Ids of the records that changed, and of those that show something that did. */
  async #expected(target: SheetTarget, changes: Changes): Promise<Set<string>> {
    const expected = new Set(changes.records.get(target.model) ?? [])
    const before = this.#snapshots.get(target.name)
    if (before === undefined || !this.#mayHaveChanged(target, changes)) return expected
    await this.#lookAt(target)
    const now = this.#snapshots.get(target.name) as Snapshot
    return new Set([...expected, ...differences(before, now)])
  }

  #mayHaveChanged(target: SheetTarget, { records, links }: Changes): boolean {
    return links || [...modelsShown(this.#application.dataModel, target)].some((model) => records.has(model))
  }

  /** Remembers what the records of a target with an include look like. */
  async #lookAt(target: SheetTarget): Promise<void> {
    this.#snapshots.set(target.name, await snapshot(this.plain, this.#application.dataModel, target))
  }

  async #takeJobs(): Promise<Change[]> {
    const { rows } = await this.#application.pool.query<{ data: unknown }>(
      `delete from pgboss.job where name = 'sync.write-back' returning data`,
    )
    return rows.map((row) => parseChange(row.data))
  }
}

function isRaw(write: string): boolean {
  return write.startsWith('$')
}
