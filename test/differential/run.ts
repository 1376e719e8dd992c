import { createHash } from 'node:crypto'
import { renderTriggerMigration } from '../../src/capture/triggers/index.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import { installJobs } from '../../src/operations/install.ts'
import { forClient } from '../../src/targets/for-client.ts'
import type { SheetTarget } from '../../src/targets/sheet/config/target.ts'
import {
  type Application,
  type GeneratedApplication,
  makeApplication,
  openApplication,
} from './application.ts'
import { installAudit } from './audit.ts'
import { applicationModels, readCatalog } from './catalog.ts'
import { Operations } from './operations.ts'
import { Random } from './random.ts'
import { Rehearsal } from './rehearsal.ts'
import { type Capture, type Checked, type Difference, Session } from './session.ts'
import { randomTargets } from './targets.ts'
import { describeUnit, randomUnit, type Unit } from './units.ts'

/** What to run. */
export interface DifferentialOptions {
  /** Path of a schema.prisma, or of a folder of schema files; or what was made of one, which stays. */
  readonly schema: string | GeneratedApplication
  /** An empty Postgres database. */
  readonly url: string
  readonly seed: number
  /** Operations to make. */
  readonly operations: number
  /** What captures. */
  readonly capture: Capture
}

/** A difference, and how far into the run it is. */
export interface Found extends Difference {
  /** Operations made up to the end of the unit: a run of so many ends with it. */
  readonly operations: number
}

/** What came of a run. */
export interface DifferentialResult {
  readonly mode: Capture['mode']
  readonly seed: number
  readonly units: number
  readonly operations: number
  /** Units that were committed, made to fail, and refused by the database or by capture. */
  readonly committed: number
  readonly rolledBack: number
  readonly failed: number
  /** Operations that were run; those after a refused one in a transaction are not. */
  readonly issued: number
  readonly refused: number
  /** Why operations were refused, and how many for that. */
  readonly reasons: ReadonlyMap<string, number>
  /** Operations that were made and put aside, because they were refused when they were rehearsed without capture. */
  readonly putAside: number
  /** Units that were refused, and were not when they were rehearsed without capture. */
  readonly refusedByCapture: readonly { readonly unit: Unit; readonly error: unknown }[]
  /** Records that looked different afterwards, counted for every target. */
  readonly changed: number
  readonly published: number
  readonly missed: readonly Found[]
  /** Published although their row did not change, for the targets that show nothing of other records. */
  readonly superfluous: readonly Found[]
  /**
   * Published although they look as before, for the targets with an include: a filter leaves the change out, or it was
   * taken back within the transaction. Triggers judge statement by statement and evaluate no filters.
   */
  readonly extra: number
  /** Calls other than raw SQL of which capture reported that it could not follow them. */
  readonly reported: number
  /** Units by what they do (`transaction` for several operations): how often, and how often something was missed. */
  readonly kinds: ReadonlyMap<string, { readonly units: number; readonly missed: number }>
  /** A digest of the units and how they ended: equal when a run repeats another one. */
  readonly trace: string
  /** What the schema asks for and this Postgres does not have. */
  readonly leftOut: readonly string[]
}

/** Records to begin with, of every model. */
const SEED_RECORDS = 6

/**
 * Issues random operations against a fresh application and compares, unit by unit, which records changed with which
 * were published. What changed is known from row triggers of the test's own, and for targets with an include from
 * reading every record before and after.
 */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialResult> {
  const { schema, url } = options
  const application =
    typeof schema === 'string' ? await openApplication(schema, url) : await makeApplication(schema, url)
  try {
    return await new Differential(options, application).run(options.operations)
  } finally {
    await application.close()
  }
}

/** A run over an application whose database is empty but for its tables. */
export class Differential {
  readonly config: WritebackConfig
  readonly targets: readonly SheetTarget[]
  readonly #options: DifferentialOptions
  readonly #application: Application
  readonly #random: Random
  readonly #missed: Found[] = []
  readonly #superfluous: Found[] = []
  readonly #refusedByCapture: { unit: Unit; error: unknown }[] = []
  readonly #kinds = new Map<string, { units: number; missed: number }>()
  readonly #reasons = new Map<string, number>()
  readonly #trace = createHash('sha256')
  readonly #counts = {
    units: 0,
    operations: 0,
    committed: 0,
    rolledBack: 0,
    failed: 0,
    issued: 0,
    refused: 0,
    putAside: 0,
    changed: 0,
    published: 0,
    extra: 0,
    reported: 0,
  }

  constructor(options: DifferentialOptions, application: Application) {
    this.#options = options
    this.#application = application
    this.#random = new Random(options.seed)
    const { dataModel } = application
    const { mode } = options.capture
    this.targets = randomTargets(this.#random, dataModel)
    this.config = forClient<never>(dataModel).defineConfig({ targets: [...this.targets], capture: { mode } })
  }

  /** Makes so many operations, or a few more that are in a unit with the last of them. */
  async run(operations: number): Promise<DifferentialResult> {
    const { seed, capture } = this.#options
    const { dataModel, pool, leftOut } = this.#application
    await this.#install()
    const session = await Session.open(this.#application, capture, this.config, this.targets)
    const maker = new Operations(this.#random, dataModel, await readCatalog(pool, dataModel), session.plain)
    const rehearsal = new Rehearsal(session.plain, pool)
    await this.#seed(maker, session)
    while (this.#counts.operations < operations) {
      const unit = await randomUnit(this.#random, maker, rehearsal)
      this.#note(unit, await session.check(unit))
    }
    return {
      mode: capture.mode,
      seed,
      ...this.#counts,
      reasons: this.#reasons,
      missed: this.#missed,
      superfluous: this.#superfluous,
      refusedByCapture: this.#refusedByCapture,
      kinds: this.#kinds,
      trace: this.#trace.copy().digest('hex').slice(0, 12),
      leftOut,
    }
  }

  async #install(): Promise<void> {
    const { url, capture } = this.#options
    const { dataModel, pool } = this.#application
    await installJobs(url, this.config)
    const models = applicationModels(dataModel).filter((model) => model.primaryKey.length > 0)
    await installAudit(pool, models, dataModel.joinTables)
    if (capture.mode === 'trigger')
      await pool.query(renderTriggerMigration(this.config, [], new Date())?.sql ?? '')
  }

  async #seed(operations: Operations, session: Session): Promise<void> {
    for (let at = 0; at < SEED_RECORDS; at++) {
      for (const model of applicationModels(this.#application.dataModel)) {
        operations.records.readFrom(session.plain)
        const operation = await operations.seed(model)
        await Promise.resolve(operation?.call(session.plain as never)).catch(() => {})
      }
    }
    await session.settle()
  }

  #note(unit: Unit, { outcome, missed, superfluous, changed, published, extra, reported }: Checked): void {
    this.#trace.update(`${describeUnit(unit)} ${outcome.committed}\n`)
    const counts = this.#counts
    counts.units++
    counts.operations += unit.operations.length
    counts.putAside += unit.putAside
    counts[outcome.committed ? 'committed' : outcome.error === undefined ? 'rolledBack' : 'failed']++
    counts.issued += outcome.issued
    counts.refused += outcome.refusals.length
    counts.changed += changed
    counts.published += published
    counts.extra += extra
    counts.reported += reported
    for (const error of outcome.refusals) {
      const reason = reasonOf(error)
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
    }
    if (isRepeated(unit) && outcome.refusals.length > 0)
      this.#refusedByCapture.push({ unit, error: outcome.refusals[0] })
    const found = (one: Difference): Found => ({ ...one, operations: counts.operations })
    this.#missed.push(...missed.map(found))
    this.#superfluous.push(...superfluous.map(found))
    // Of several operations none can be told to be the one that was not followed.
    const [only, ...others] = unit.operations
    const kind = only && others.length === 0 ? only.kind : 'transaction'
    const count = this.#kinds.get(kind) ?? { units: 0, missed: 0 }
    this.#kinds.set(kind, { units: count.units + 1, missed: count.missed + (missed.length > 0 ? 1 : 0) })
  }
}

/** Whether a unit does what its rehearsal did. */
function isRepeated({ form, operations, accepted }: Unit): boolean {
  // Which records a limit leaves out is anybody's choice.
  const limited = operations.some((operation) => operation.limited !== undefined)
  // In savepoints some operations are taken back that those after them were rehearsed with.
  return accepted && !limited && form !== 'nested transaction'
}

/** Why an operation was refused, in a word: Prisma's code, or that its arguments are wrong. */
function reasonOf(error: unknown): string {
  const { code, name, cause } = error as { code?: string; name?: string; cause?: { code?: string } }
  return code ?? cause?.code ?? name ?? 'unknown'
}
