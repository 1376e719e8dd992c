import { type Logger, pino } from 'pino'
import { currentContext } from '../change/context.ts'
import type { WritebackConfig } from '../config/define-config.ts'
import { type PublishStatement, publishError, publishStatement } from '../queue/publish.ts'
import { tracePublish } from '../telemetry/publish.ts'
import { batchAsTransaction, LONG } from './batch.ts'
import { type CallPlan, planCall, reachesFurther } from './call-plan.ts'
import { WRITES } from './execute.ts'
import { follow } from './follow.ts'
import { changesNamedByArguments } from './named.ts'
import { publishChanges } from './publish-changes.ts'
import { UnfollowedReporter } from './report.ts'
import {
  asWriteConflict,
  globallyOmitted,
  type HookCall,
  type PrismaTransaction,
  plainClient,
  rawIn,
  type SeamClient,
  transactionOf,
  transactionOfClient,
} from './seam.ts'
import { carryContext } from './statement-context.ts'
import { Tracked } from './tracked.ts'
import { TransactionReader } from './transaction-reader.ts'
import { type Unfollowed, unfollowedRaw } from './unfollowed.ts'

/** A Prisma extension that leaves the client's types as they are. */
// biome-ignore lint/suspicious/noExplicitAny: any generated client fits, as in Prisma's own extensions.
export type TypeNeutralExtension = (client: any) => {
  // biome-ignore lint/complexity/noBannedTypes: Prisma's own type of an extension that adds nothing.
  $extends: { extArgs: { result: {}; model: {}; query: {}; client: {} } }
}

/** Options of {@link writeback} that do not belong in the config file. */
export interface ExtensionOptions {
  /**
   * Where warnings go.
   * @defaultValue a pino logger on standard output at the level of LOG_LEVEL
   */
  readonly log?: Logger
}

const WRITE_OPERATIONS: ReadonlySet<string> = new Set(WRITES)
const RAW_OPERATIONS: ReadonlySet<string> = new Set([
  '$executeRaw',
  '$executeRawUnsafe',
  '$queryRaw',
  '$queryRawUnsafe',
  '$queryRawTyped',
])

/**
 * The Prisma extension that publishes a job for every record a write changes, in the transaction of the
 * write: a call on its own gets one, a call in a transaction joins it. Results and types are those of the
 * plain client. Extend with it last, so that it sees the calls as other extensions leave them.
 *
 * @example
 * const prisma = new PrismaClient({ adapter }).$extends(writeback(config))
 */
export function writeback(config: WritebackConfig, options: ExtensionOptions = {}): TypeNeutralExtension {
  const log = options.log ?? pino({ name: 'prisma-writeback', level: process.env.LOG_LEVEL || 'info' })
  const extend = (client: ExtendableClient) => {
    const capture = new Capture(config, client, log)
    if (!carryContext(client)) {
      log.warn(
        { code: 'PRISMA_SEAM_CHANGED' },
        'this version of Prisma Client does not let statements carry a context: jobs of triggers have none',
      )
    }
    return client.$extends({
      name: 'prisma-writeback',
      query: { $allOperations: (call: HookCall) => capture.hook(call) },
      client: {
        $transaction(this: object, work: unknown, transactionOptions?: object) {
          return Array.isArray(work)
            ? batchAsTransaction(client.$transaction, this, work, transactionOptions)
            : client.$transaction.call(this, work as never, transactionOptions)
        },
      },
    })
  }
  return extend as unknown as TypeNeutralExtension
}

/**
 * {@link writeback} for code that is typed for the plain client: Prisma's own extended clients do not fit
 * `PrismaClient` and `Prisma.TransactionClient`, this one does.
 *
 * @returns the extended client, with the type of the given one; `$on` is that of the given one
 * @example
 * const prisma: PrismaClient = withWriteback(new PrismaClient({ adapter }), config)
 */
export function withWriteback<Client extends object>(
  client: Client,
  config: WritebackConfig,
  options: ExtensionOptions = {},
): Client {
  const extendable = client as unknown as ExtendableClient & { $on?: (...given: unknown[]) => unknown }
  const extended = extendable.$extends(writeback(config, options)) as object
  // Prisma's extended clients refuse $on. Events are those of the engine, which both clients share.
  const withEvents: object = Object.create(extended, {
    $on: {
      value: (...given: unknown[]) => {
        extendable.$on?.(...given)
        return withEvents
      },
    },
  })
  return withEvents as Client
}

type ExtendableClient = SeamClient & { $extends(extension: object): never }

class Capture {
  readonly #config: WritebackConfig
  readonly #client: ExtendableClient
  /** Statements of capture's own go here, past other extensions. */
  readonly #plain: SeamClient
  readonly #tracked: Tracked
  readonly #reporter: UnfollowedReporter

  constructor(config: WritebackConfig, client: ExtendableClient, log: Logger) {
    this.#config = config
    this.#client = client
    this.#plain = plainClient(client)
    this.#tracked = new Tracked(config.dataModel, config.schemas, config.targets)
    this.#reporter = new UnfollowedReporter(log, config.capture.unfollowed)
  }

  async hook(call: HookCall): Promise<unknown> {
    if (call.model === undefined) {
      if (RAW_OPERATIONS.has(call.operation)) this.#reporter.report(call, unfollowedRaw(this.#tracked, call))
      return call.query(call.args)
    }
    const model = this.#config.dataModel.models[call.model]
    if (!model || !WRITE_OPERATIONS.has(call.operation)) return call.query(call.args)
    const plan = planCall(this.#tracked, call, model)
    if (plan === null) return call.query(call.args)
    const transaction = transactionOf(call)
    if (transaction?.kind !== 'batch') this.#reporter.report(call, plan.reach.unfollowed)
    if (transaction === undefined) return this.#inOwnTransaction(call, plan)
    if (transaction.kind === 'batch') return this.#inForeignBatch(call, plan, transaction)
    return this.#inTransaction(call, plan, transaction)
  }

  /** A call on its own: a transaction around the write and the publishing. */
  #inOwnTransaction(call: HookCall, plan: CallPlan): Promise<unknown> {
    return this.#client.$transaction(
      (tx) => this.#inTransaction(call, plan, transactionOfClient(tx)),
      // A plain call waits for a connection and runs as long as it takes.
      LONG,
    )
  }

  async #inTransaction(call: HookCall, plan: CallPlan, transaction: PrismaTransaction): Promise<unknown> {
    const reader = new TransactionReader(this.#plain, transaction)
    const hidden = globallyOmitted(this.#client, plan.model.name)
    const { result, changes } = await follow(this.#tracked, plan, call, transaction, reader, hidden)
    const { targets } = this.#config
    const context = currentContext()
    const statement = publishChanges(this.#tracked, targets, changes, plan.seenThrough, context)
    await this.#publish(statement, changes.length, transaction)
    return result
  }

  /**
   * An element of a batch that another extension made (row-level security by `set_config` does): answers come
   * after the commit, so only records that the arguments name can be published with it.
   */
  async #inForeignBatch(call: HookCall, plan: CallPlan, transaction: PrismaTransaction): Promise<unknown> {
    const { model } = plan
    const changes = plan.table.own.length > 0 ? changesNamedByArguments(model, call) : []
    const why = 'in a batch made by another extension'
    const unfollowed: Unfollowed[] = []
    if (changes === null) unfollowed.push({ model: model.name, because: `without its id ${why}` })
    if (reachesFurther(plan)) unfollowed.push({ model: model.name, because: `through relations ${why}` })
    this.#reporter.report(call, unfollowed)
    const { schemas, targets } = this.#config
    const statement = publishStatement(schemas, targets, changes ?? [], currentContext())
    const [result] = await Promise.all([
      call.query(call.args),
      this.#publish(statement, changes?.length ?? 0, transaction),
    ])
    return result
  }

  async #publish(
    statement: PublishStatement | null,
    records: number,
    transaction: PrismaTransaction,
  ): Promise<void> {
    if (statement === null) return
    try {
      await tracePublish(records, async () =>
        rawIn(this.#plain, transaction, statement.text, statement.values),
      )
    } catch (error) {
      throw publishError(asWriteConflict(error))
    }
  }
}
