import { type Logger, pino } from 'pino'
import { currentContext } from '../change/context.ts'
import type { WritebackConfig } from '../config/define-config.ts'
import type { Model } from '../model/data-model.ts'
import { type ChangedRecord, publishError, publishStatement } from '../queue/publish.ts'
import { batchAsTransaction, LONG } from './batch.ts'
import { type Execution, execute, WRITES } from './execute.ts'
import { changesNamedByArguments } from './named.ts'
import { UnfollowedReporter } from './report.ts'
import {
  asWriteConflict,
  globallyOmitted,
  type HookCall,
  type PrismaTransaction,
  rawIn,
  type SeamClient,
  transactionOf,
  transactionOfClient,
} from './seam.ts'
import { carryContext } from './statement-context.ts'
import { shownModels, unfollowedEffects, unfollowedRaw } from './unfollowed.ts'

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
  readonly #shown: ReadonlySet<string>
  readonly #reporter: UnfollowedReporter
  readonly #mirrored: ReadonlySet<string>

  constructor(config: WritebackConfig, client: ExtendableClient, log: Logger) {
    this.#config = config
    this.#client = client
    this.#shown = shownModels(config.dataModel, config.targets)
    this.#mirrored = new Set(config.targets.map((target) => target.model))
    this.#reporter = new UnfollowedReporter(log, config.capture.unfollowed)
  }

  async hook(call: HookCall): Promise<unknown> {
    if (call.model === undefined) {
      if (RAW_OPERATIONS.has(call.operation)) {
        this.#reporter.report(call, unfollowedRaw(this.#config.dataModel, this.#shown, call))
      }
      return call.query(call.args)
    }
    if (!WRITE_OPERATIONS.has(call.operation)) return call.query(call.args)
    this.#reporter.report(call, unfollowedEffects(this.#config.dataModel, this.#shown, call))
    const model = this.#config.dataModel.models[call.model]
    if (!model || !this.#mirrored.has(call.model)) return call.query(call.args)
    const transaction = transactionOf(call)
    if (transaction === undefined) return this.#inOwnTransaction(call, model)
    if (transaction.kind === 'batch') return this.#inForeignBatch(call, model, transaction)
    return this.#inTransaction(call, model, transaction)
  }

  /** A call on its own: a transaction around the write and the publishing. */
  #inOwnTransaction(call: HookCall, model: Model): Promise<unknown> {
    return this.#client.$transaction(
      (tx) => this.#inTransaction(call, model, transactionOfClient(tx)),
      // A plain call waits for a connection and runs as long as it takes.
      LONG,
    )
  }

  async #inTransaction(call: HookCall, model: Model, transaction: PrismaTransaction): Promise<unknown> {
    const hidden = globallyOmitted(this.#client, model.name)
    const execution: Execution = await execute(call, model, transaction, hidden)
    await this.#publish(execution.changes, transaction)
    return execution.result
  }

  /**
   * An element of a batch that another extension made (row-level security by `set_config` does): answers come
   * after the commit, so only records that the arguments name can be published with it.
   */
  async #inForeignBatch(call: HookCall, model: Model, transaction: PrismaTransaction): Promise<unknown> {
    const changes = changesNamedByArguments(model, call)
    if (changes === null) {
      this.#reporter.report(call, [
        { model: model.name, because: 'a batch made by another extension, without the ids in the arguments' },
      ])
      return call.query(call.args)
    }
    const [result] = await Promise.all([call.query(call.args), this.#publish(changes, transaction)])
    return result
  }

  async #publish(changes: readonly ChangedRecord[], transaction: PrismaTransaction): Promise<void> {
    const { schemas, targets } = this.#config
    const statement = publishStatement(schemas, targets, changes, currentContext())
    if (statement === null) return
    try {
      await rawIn(this.#client, transaction, statement.text, statement.values)
    } catch (error) {
      throw publishError(asWriteConflict(error))
    }
  }
}
