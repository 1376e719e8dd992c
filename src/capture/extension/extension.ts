import type { Logger } from 'pino'
import type { WritebackConfig } from '../../config/define-config.ts'
import { createApplicationLogger } from '../../log.ts'
import { batchAsTransaction } from './batch.ts'
import { Capture } from './capture.ts'
import { giveContextToTriggers } from './client-context.ts'
import { extensionNames, watchEveryCall } from './every-call.ts'
import type { HookCall, SeamClient } from './seam.ts'

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
   * @defaultValue a pino logger on standard output at the level of LOG_LEVEL, or `info` where that names none of pino's
   */
  readonly log?: Logger
}

/**
 * The Prisma extension that publishes a job for every record a write changes, in the transaction of the
 * write: a call on its own gets one, a call in a transaction joins it. Results and types are those of the
 * plain client.
 *
 * Extend with it last. Prisma calls the query hooks of extensions in the order in which they were added, so that
 * ours then sees the calls as the others leave them:
 * - changed arguments are seen as they were changed;
 * - a write that an extension makes through the client it was given, as soft deletes and the `$primary()` of read
 *   replicas do, is seen all the same: what is watched is the PrismaClient behind all of them, and so are the writes
 *   of the client that is extended. Another PrismaClient is another one;
 * - row-level security that puts a call into `$transaction([set_config, query])` is seen as a batch, with which
 *   records that the arguments name are published; what else such a call changes is reported, or captured by
 *   triggers;
 * - `result` and `omit` extensions change what the application sees, whether they come before or after.
 *
 * A query extension that is added later can take the write out of the transaction that its jobs are in, so that
 * adding one is warned of.
 *
 * @example
 * const prisma = new PrismaClient({ adapter }).$extends(writeback(config))
 */
export function writeback(config: WritebackConfig, options: ExtensionOptions = {}): TypeNeutralExtension {
  const log = options.log ?? createApplicationLogger()
  const extend = (client: ExtendableClient) => {
    const capture = new Capture(config, client, log)
    const hook = (call: HookCall) => capture.hook(call)
    if (!watchEveryCall(client, hook)) warnOfKeptClients(log, client)
    giveContextToTriggers(client, capture.mode, log)
    return client.$extends({
      name: 'prisma-writeback',
      query: { $allOperations: hook },
      client: {
        $transaction(this: object, work: unknown, transactionOptions?: object) {
          return Array.isArray(work)
            ? batchAsTransaction(client.$transaction, this, work, transactionOptions)
            : client.$transaction.call(this, work as never, transactionOptions)
        },
        $extends(this: object, extension: unknown) {
          if (hooksQueries(extension)) warnOfOrder(log, (extension as { name?: string }).name)
          return client.$extends.call(this, extension as object)
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

/** Whether an extension changes how queries run; a function extends the client it is given, by this same way. */
function hooksQueries(extension: unknown): boolean {
  return typeof extension === 'object' && extension !== null && 'query' in extension && !!extension.query
}

function warnOfKeptClients(log: Logger, client: object): void {
  const extensions = extensionNames(client)
  log.warn(
    { code: 'PRISMA_SEAM_CHANGED', extensions },
    `this version of Prisma Client does not show the writes of clients that other extensions keep${extensions.length > 0 ? ` (${extensions.join(', ')})` : ''}: what these write through the client they were given is not published. Use a version of the peer range, or capture with triggers`,
  )
}

function warnOfOrder(log: Logger, name: string | undefined): void {
  log.warn(
    { code: 'CAPTURE_ORDER', extension: name },
    `the query extension ${name ?? '(without a name)'} was added after prisma-writeback: expected writeback last, so that a write and its jobs stay in one transaction. Add it before $extends(writeback(config))`,
  )
}

type ExtendableClient = SeamClient & { $extends(extension: object): never }
