import { renderTriggerMigration } from '../../src/capture/triggers/index.ts'
import { type Change, parseChange } from '../../src/change/change.ts'
import { forClient, type WritebackConfig } from '../../src/config/define-config.ts'
import type { SheetTarget } from '../../src/config/target.ts'
import { assertIdentifiable } from '../../src/model/record-id.ts'
import { installJobs } from '../../src/operations/install.ts'
import { type AnyPrismaClient, type Application, openApplication } from './application.ts'
import { type Changes, installAudit, takeChanges } from './audit.ts'
import { applicationModels, readCatalog } from './catalog.ts'
import { Operations } from './operations.ts'
import { Random } from './random.ts'
import { differences, randomInclude, type Snapshot, snapshot } from './shown.ts'
import { randomUnit, runUnit, type Unit } from './units.ts'

/** What to run. */
export interface DifferentialOptions {
  /** Path of a schema.prisma, or of a folder of schema files. */
  readonly schema: string
  /** An empty Postgres database. */
  readonly url: string
  readonly seed: number
  /** Operations to make. */
  readonly operations: number
  /** What captures. */
  readonly capture: Capture
}

/** A way to capture, as the differential test installs it. */
export interface Capture {
  readonly mode: 'trigger' | 'extension'
  /** The client that operations are made with; told of every unit before it runs. */
  prepare(client: AnyPrismaClient, config: WritebackConfig): Promise<(unit: Unit) => PreparedClient>
}

/** A client for one unit, and what capture said while it was used. */
export interface PreparedClient {
  readonly client: AnyPrismaClient
  /** Whether capture reported that it could not follow something; triggers never do. */
  reported(): boolean
}

/** A record that should have been published and was not, or the other way round. */
export interface Difference {
  readonly target: string
  readonly id: string
  readonly unit: Unit
  /** Whether capture said so when it happened. */
  readonly reported: boolean
}

/** What came of a run. */
export interface DifferentialResult {
  readonly seed: number
  readonly units: number
  readonly operations: number
  /** Units that were committed, made to fail, and refused by the database or by capture. */
  readonly committed: number
  readonly rolledBack: number
  readonly failed: number
  /** Records that looked different afterwards, counted for every target. */
  readonly changed: number
  readonly published: number
  readonly missed: readonly Difference[]
  /** Published although their row did not change, for the targets that show nothing of other records. */
  readonly superfluous: readonly Difference[]
  /**
   * Published although they look as before, for the targets with an include: a filter leaves the change out, or it was
   * taken back within the transaction. Triggers judge statement by statement and evaluate no filters.
   */
  readonly extra: number
  /** Units by what they do (`transaction` for several operations): how often, and how often something was missed. */
  readonly kinds: ReadonlyMap<string, { readonly units: number; readonly missed: number }>
}

/** Records to begin with, of every model. */
const SEED_RECORDS = 6
/** Targets with an include, on top of one for every model. */
const SHOWN_TARGETS = 4

/**
 * Issues random operations against a fresh application and compares, unit by unit, which records changed with which
 * were published. What changed is known from row triggers of the test's own, and for targets with an include from
 * reading every record before and after.
 */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialResult> {
  const application = await openApplication(options.schema, options.url)
  try {
    return await new Differential(options, application).run()
  } finally {
    await application.close()
  }
}

class Differential {
  readonly #options: DifferentialOptions
  readonly #application: Application
  readonly #random: Random
  readonly #missed: Difference[] = []
  readonly #superfluous: Difference[] = []
  readonly #kinds = new Map<string, { units: number; missed: number }>()
  readonly #snapshots = new Map<string, Snapshot>()
  #extra = 0
  #changed = 0
  #published = 0

  constructor(options: DifferentialOptions, application: Application) {
    this.#options = options
    this.#application = application
    this.#random = new Random(options.seed)
  }

  async run(): Promise<DifferentialResult> {
    const { url, seed, capture } = this.#options
    const { dataModel, pool } = this.#application
    const targets = this.#targets()
    const config = forClient<never>(dataModel).defineConfig({ targets, capture: { mode: capture.mode } })
    await installJobs(url, config)
    const models = applicationModels(dataModel)
    await installAudit(
      pool,
      models.filter((model) => model.primaryKey.length > 0),
    )
    if (capture.mode === 'trigger')
      await pool.query(renderTriggerMigration(config, [], new Date())?.sql ?? '')

    const plain = this.#application.client()
    const clientFor = await capture.prepare(this.#application.client(), config)
    const operations = new Operations(this.#random, dataModel, await readCatalog(pool, dataModel), plain)
    await this.#seed(operations, plain)
    await this.#lookAt(targets, plain)
    const counts = { committed: 0, rolledBack: 0, failed: 0, units: 0, operations: 0 }
    while (counts.operations < this.#options.operations) {
      operations.records.forget()
      const unit = await randomUnit(this.#random, operations)
      const { client, reported } = clientFor(unit)
      const outcome = await runUnit(client, unit)
      counts.units++
      counts.operations += unit.operations.length
      counts[outcome.committed ? 'committed' : outcome.error === undefined ? 'rolledBack' : 'failed']++
      await this.#compare(unit, targets, plain, reported())
    }
    const { missed, superfluous } = { missed: this.#missed, superfluous: this.#superfluous }
    return {
      seed,
      ...counts,
      changed: this.#changed,
      published: this.#published,
      extra: this.#extra,
      missed,
      superfluous,
      kinds: this.#kinds,
    }
  }

  /** One target for every model, and some that show related records too. */
  #targets(): SheetTarget[] {
    const { dataModel } = this.#application
    const usable = applicationModels(dataModel).filter((model) => {
      try {
        return assertIdentifiable(dataModel, model.name)
      } catch {
        return false
      }
    })
    const { sheetTarget } = forClient<never>(dataModel)
    const target = (name: string, model: string, include?: object): SheetTarget => {
      const columns = [{ header: 'x', value: () => 1 }]
      const given = { name, model, spreadsheetId: 's', tab: name, columns, ...(include && { include }) }
      return sheetTarget(given as never)
    }
    const targets = usable.map((model) => target(`own-${model.name}`, model.name))
    for (let at = 1; at <= SHOWN_TARGETS; at++) {
      const model = this.#random.pick(usable)
      const include = model && randomInclude(this.#random, dataModel, model)
      if (model && include && Object.keys(include).length > 0)
        targets.push(target(`shown-${at}`, model.name, include))
    }
    return targets
  }

  async #seed(operations: Operations, client: AnyPrismaClient): Promise<void> {
    for (let at = 0; at < SEED_RECORDS; at++) {
      for (const model of applicationModels(this.#application.dataModel)) {
        operations.records.forget()
        const operation = await operations.seed(model)
        await Promise.resolve(operation?.call(client as never)).catch(() => {})
      }
    }
    await this.#takeJobs()
    await takeChanges(this.#application.pool, this.#application.dataModel)
  }

  async #compare(
    unit: Unit,
    targets: readonly SheetTarget[],
    client: AnyPrismaClient,
    reported: boolean,
  ): Promise<void> {
    const changes = await takeChanges(this.#application.pool, this.#application.dataModel)
    const published = Map.groupBy(await this.#takeJobs(), (change) => change.target)
    let missed = 0
    for (const target of targets) {
      const expected = await this.#expected(target, changes, client)
      const got = new Set((published.get(target.name) ?? []).map((change) => change.id))
      this.#changed += expected.size
      this.#published += got.size
      // The extension looks after a call: what came and went in it, no sheet can ever have shown.
      const passing =
        this.#options.capture.mode === 'extension' ? changes.passing.get(target.model) : undefined
      for (const id of expected) {
        if (got.has(id) || passing?.has(id)) continue
        missed++
        this.#missed.push({ target: target.name, id, unit, reported })
      }
      for (const id of got) {
        if (expected.has(id)) continue
        if (target.include === undefined) this.#superfluous.push({ target: target.name, id, unit, reported })
        else this.#extra++
      }
    }
    // Of several operations none can be told to be the one that was not followed.
    const [only, ...others] = unit.operations
    for (const kind of only && others.length === 0 ? [only.kind] : ['transaction']) {
      const count = this.#kinds.get(kind) ?? { units: 0, missed: 0 }
      this.#kinds.set(kind, { units: count.units + 1, missed: count.missed + (missed > 0 ? 1 : 0) })
    }
  }

  /** Ids of the records that changed, and of those that show something that did. */
  async #expected(target: SheetTarget, changes: Changes, client: AnyPrismaClient): Promise<Set<string>> {
    const expected = new Set(changes.records.get(target.model) ?? [])
    const before = this.#snapshots.get(target.name)
    if (before === undefined) return expected
    await this.#lookAt([target], client)
    const now = this.#snapshots.get(target.name) as Snapshot
    return new Set([...expected, ...differences(before, now)])
  }

  /** Remembers what the records of the targets with an include look like. */
  async #lookAt(targets: readonly SheetTarget[], client: AnyPrismaClient): Promise<void> {
    for (const target of targets) {
      if (target.include === undefined) continue
      this.#snapshots.set(target.name, await snapshot(client, this.#application.dataModel, target))
    }
  }

  async #takeJobs(): Promise<Change[]> {
    const { rows } = await this.#application.pool.query<{ data: unknown }>(
      `delete from pgboss.job where name = 'sync.write-back' returning data`,
    )
    return rows.map((row) => parseChange(row.data))
  }
}
