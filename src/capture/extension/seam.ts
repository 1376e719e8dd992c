import { sqlStateOf } from '../../database/sql-state.ts'
import { WritebackError } from '../../errors.ts'
import { delegateName } from '../../model/delegate-name.ts'

/*
 * Everything of Prisma Client that is not public API and that capture cannot do without: joining the caller's
 * transaction. A query extension gets no transaction-bound client (prisma/orm #20678, #26296), so the second
 * parameter of `query` and the transaction of its internal parameters are used. All of it is in this file;
 * test/capture/seam.test.ts fails on a Prisma version that changed any of it.
 */

/** A transaction as Prisma Client passes it from a call to its engine. */
export interface PrismaTransaction {
  /** `itx`: an interactive transaction, joined by id. `batch`: an element of `$transaction([...])`. */
  readonly kind: 'itx' | 'batch'
  readonly id: string | number
  /** Position in a batch. */
  readonly index?: number
}

/** What Prisma calls a query hook with. */
export interface HookCall {
  /** Model name, undefined for raw queries. */
  readonly model?: string | undefined
  readonly operation: string
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of any operation of any model.
  readonly args: any
  readonly query: (args: unknown, internalParams?: unknown) => PromiseLike<unknown>
}

interface InternalParams {
  readonly args?: unknown
  readonly transaction?: PrismaTransaction
  readonly dataPath?: readonly string[]
  readonly action?: string
  readonly callsite?: { getLocation?(): CallLocation | null }
}

interface CallLocation {
  readonly fileName: string
  readonly lineNumber: number | null
  readonly columnNumber: number | null
}

/** What is used of a Prisma client, extended or not. */
export interface SeamClient {
  $transaction(run: (tx: object) => Promise<unknown>, options?: object): Promise<unknown>
  $queryRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<unknown>
}

/**
 * Limits of a transaction that stands for a call that had none: waiting for a connection and running are
 * bounded by the database's own timeouts, not by Prisma's five seconds. In milliseconds.
 */
export const LONG = { maxWait: 60_000, timeout: 60 * 60_000 } as const

/** Since Prisma 7.5 a transaction's client carries its scope under this symbol. */
const SCOPE = Symbol.for('prisma.client.transaction.scope_context')

/**
 * The transaction that a hooked call runs in, or undefined when it runs in none.
 * @throws WritebackError `PRISMA_SEAM_CHANGED` when Prisma passes something else than it used to
 */
export function transactionOf(call: HookCall): PrismaTransaction | undefined {
  const { transaction } = internal(call)
  if (transaction === undefined) return undefined
  if (transaction.kind !== 'itx' && transaction.kind !== 'batch')
    throw seamChanged('the kind of a transaction')
  return transaction
}

/**
 * The transaction behind the client that `$transaction(async (tx) => ...)` hands out.
 * @throws WritebackError `PRISMA_SEAM_CHANGED` when the client does not carry it
 */
export function transactionOfClient(tx: object): PrismaTransaction {
  const scope = (tx as Record<symbol, { txId?: unknown } | undefined>)[SCOPE]
  if (typeof scope?.txId !== 'string') throw seamChanged('the transaction of a transaction client')
  return { kind: 'itx', id: scope.txId }
}

/** A hooked call's arguments as the caller, or the extension before, gave them: `args` of the call is a copy. */
export function argumentsOf(call: HookCall): unknown {
  return internal(call).args ?? {}
}

/**
 * Runs a call that stands in no transaction in one of its own. It waits for a connection and runs as long as it takes,
 * at the isolation level of the database: what a client sets for its transactions is not meant for single calls.
 *
 * @param client the client without extensions, see {@link plainClient}
 */
export function inOwnTransaction(
  client: SeamClient,
  work: (transaction: PrismaTransaction) => Promise<unknown>,
): Promise<unknown> {
  const config = (client as { _engineConfig?: object })._engineConfig
  const own: SeamClient = Object.create(client, {
    _engineConfig: { value: { ...config, transactionOptions: LONG } },
  })
  return own.$transaction((tx) => work(transactionOfClient(tx)), LONG)
}

/** The relation that a fluent call (`prisma.user.update(...).posts()`) asks for, outermost first; else `[]`. */
export function fluentPath(call: HookCall): readonly string[] {
  return (internal(call).dataPath ?? []).filter((_, position) => position % 2 === 1)
}

/**
 * Where in the application a hooked call stands, as `file:line:column`. Prisma knows it of a model's call unless its
 * `errorFormat` is `minimal`, which is the default in production. Of a raw statement it looks for it when the statement
 * is awaited, and finds a place inside of Node.
 */
export function callSiteOf(call: HookCall): string | undefined {
  const location = internal(call).callsite?.getLocation?.()
  if (!location || location.fileName.startsWith('node:')) return undefined
  return [location.fileName, location.lineNumber, location.columnNumber].join(':')
}

/** How a hooked call is run instead of as it came. */
export interface RunOptions {
  readonly args: unknown
  /** Another operation of the same model. */
  readonly operation?: string
  /** The transaction to join; left out, the call's own. */
  readonly transaction?: PrismaTransaction | undefined
}

/**
 * Runs a hooked call, or another operation of its model, in the given transaction, through the extensions
 * that were added after ours. A fluent call answers with the whole record.
 */
export function run(call: HookCall, { args, operation, transaction }: RunOptions): PromiseLike<unknown> {
  const params = internal(call)
  // A fresh object each time: Prisma writes into the one it is given.
  return call.query(args, {
    ...params,
    dataPath: [],
    ...(operation !== undefined && { action: operation }),
    ...(transaction !== undefined && { transaction }),
  })
}

/**
 * Runs a raw statement in a transaction, on the connection that the transaction holds.
 * @throws WritebackError `PRISMA_SEAM_CHANGED` when a Prisma promise cannot join a transaction any more
 */
export function rawIn(
  client: SeamClient,
  transaction: PrismaTransaction,
  sql: string,
  values: readonly unknown[],
): PromiseLike<unknown> {
  const promise = client.$queryRawUnsafe(sql, ...values)
  if (transaction.kind === 'itx') return join(promise, transaction)
  // Between this element of the batch and the next; a lock of its own, or it would count as an element.
  return join(promise, { ...transaction, index: (transaction.index ?? 0) + 0.5, lock: Promise.resolve() })
}

/**
 * Reads records of any model in a transaction. `client` is the one without extensions, see {@link plainClient}.
 * @throws WritebackError `PRISMA_SEAM_CHANGED` when a Prisma promise cannot join a transaction any more
 */
export function readIn(
  client: SeamClient,
  transaction: PrismaTransaction,
  model: string,
  operation: 'findUnique' | 'findMany',
  args: object,
): PromiseLike<unknown> {
  const delegates = client as unknown as Record<string, Delegate | undefined>
  const delegate = delegates[delegateName(model)]
  if (delegate === undefined) throw seamChanged(`the property of model ${model}`)
  return join((delegate[operation] as Read)(args), transaction)
}

type Read = (args: object) => PromiseLike<unknown>
type Delegate = Readonly<Record<string, Read>>

/**
 * The client at the bottom of an extended one. Statements of capture's own go there: another extension's query
 * hook could put them into a transaction of its own.
 */
export function plainClient(client: SeamClient): SeamClient {
  let plain = client
  for (;;) {
    const parent = (plain as { $parent?: SeamClient }).$parent
    if (parent === undefined || parent === plain) return plain
    plain = parent
  }
}

/**
 * Runs any Prisma promise in a transaction.
 * @throws WritebackError `PRISMA_SEAM_CHANGED` when it cannot join one
 */
export function join(promise: PromiseLike<unknown>, transaction: object): PromiseLike<unknown> {
  const joinable = promise as { requestTransaction?: (transaction: object) => PromiseLike<unknown> }
  if (typeof joinable.requestTransaction !== 'function')
    throw seamChanged('requestTransaction of a Prisma promise')
  return joinable.requestTransaction(transaction)
}

/**
 * Prisma reports a serialization failure or a deadlock as P2034 ("retry your transaction") for its own
 * statements, and as P2010 for raw ones. The publishing is no raw statement of the caller's, so that its
 * failure looks like that of the write; other errors pass unchanged.
 */
export function asWriteConflict(error: unknown): unknown {
  const state = sqlStateOf(error)
  if (state !== '40001' && state !== '40P01') return error
  const { clientVersion } = error as { clientVersion?: string }
  const KnownRequestError = (error as Error).constructor as new (message: string, details: object) => Error
  return new KnownRequestError(
    'Transaction failed due to a write conflict or a deadlock. Please retry your transaction',
    { code: 'P2034', clientVersion },
  )
}

/** What a client's engine is told when it connects, as far as it is used. */
interface EngineConfig {
  sqlCommenters?: readonly unknown[] | undefined
}

/** The settings of the engine that a client and all that are extended from it share; null where Prisma keeps others. */
export function configOfEngine(client: object): EngineConfig | null {
  const config = (client as { _engineConfig?: EngineConfig })._engineConfig
  return config !== undefined && 'sqlCommenters' in config ? config : null
}

/** True for the promises that Prisma Client's methods return. */
export function isPrismaPromise(value: unknown): value is PromiseLike<unknown> {
  return (value as { [Symbol.toStringTag]?: string } | null)?.[Symbol.toStringTag] === 'PrismaPromise'
}

/** The fields that the client's own `omit` option hides for a model. */
export function globallyOmitted(client: object, model: string): ReadonlySet<string> {
  const omit =
    (client as { _globalOmit?: Record<string, Record<string, boolean>> })._globalOmit?.[
      delegateName(model)
    ] ?? {}
  return new Set(Object.keys(omit).filter((name) => omit[name]))
}

function internal(call: HookCall): InternalParams {
  const params = (call as { __internalParams?: InternalParams }).__internalParams
  if (typeof params !== 'object' || params === null)
    throw seamChanged('the internal parameters of a query hook')
  return params
}

/** The error for what a version of Prisma does not do any more. */
export function seamChanged(what: string): WritebackError {
  return new WritebackError('PRISMA_SEAM_CHANGED', {
    problem: `this version of Prisma Client changed ${what}, so a change cannot be published with its write`,
    expected: 'a version of the peer range in package.json',
    remedy: 'Use such a version, or capture with triggers (capture.mode "trigger")',
  })
}
