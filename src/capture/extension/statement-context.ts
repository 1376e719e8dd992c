import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChangeContext } from '../../change/change.ts'
import { currentContext } from '../../change/context.ts'

/*
 * The context of the statement that is being sent, which is not always that of the code that is running: Prisma
 * Client collects the calls of all transactions that are made in one tick and sends them from the first caller's
 * asynchronous context, be it another request's. (A DataLoader; seen with 7.10: two `$transaction([...])` under
 * Promise.all both ran in the first one's.) So the context is noted when a call is made, and put back when it is
 * sent. The collector is no public API; test/capture/triggers/context.test.ts fails on a Prisma version that
 * changed it.
 */

/** A statement that is being sent. */
export interface Statement {
  readonly context: ChangeContext | undefined
  readonly client: Carrier
}

/** What is known of a PrismaClient whose statements carry contexts. */
interface Carrier {
  /** A comment plugin of ours has been asked for one of its statements. */
  isAsked: boolean
  onLost: () => void
}

const statements = new AsyncLocalStorage<Statement>()

/**
 * For the comment plugin alone: the statement that is being sent, with its context where that is known for certain;
 * undefined when its client does not carry contexts.
 */
export function currentStatement(): Statement | undefined {
  const statement = statements.getStore()
  if (statement) statement.client.isAsked = true
  return statement
}

interface Request {
  readonly transaction?: { readonly kind?: string }
  readonly protocolQuery?: { readonly action?: string }
}

/** What is used of Prisma's collector of calls. */
interface Collector {
  request(request: Request): Promise<unknown>
  options: {
    singleLoader(request: Request): Promise<unknown>
    batchLoader(requests: readonly Request[]): Promise<unknown>
    batchBy(request: Request): string | undefined
  }
}

const carriers = new WeakMap<Collector, Carrier>()

/**
 * Makes a client's statements carry the context in which their call was made. Clients extended from it, and its
 * transactions, do so too. Of a second call only `onLost` counts.
 *
 * @param client a Prisma client
 * @param onLost called after a write that had a context which no comment plugin asked for
 * @returns false when this version of Prisma Client works otherwise: its statements then carry no context
 */
export function carryContext(client: object, onLost: () => void = () => {}): boolean {
  const collector = collectorOf(client)
  if (collector === null) return false
  const known = carriers.get(collector)
  if (known) known.onLost = onLost
  else prepare(collector, { isAsked: false, onLost })
  return true
}

function prepare(collector: Collector, client: Carrier): void {
  carriers.set(collector, client)
  const contexts = new WeakMap<Request, ChangeContext>()
  const numbers = new WeakMap<ChangeContext, number>()
  let last = 0
  const { singleLoader, batchLoader, batchBy } = collector.options
  const send = collector.request

  const run = async (
    context: ChangeContext | undefined,
    requests: readonly Request[],
    load: () => Promise<unknown>,
  ): Promise<unknown> => {
    const result = await statements.run({ context, client }, load)
    if (context !== undefined && !client.isAsked && requests.some(writes)) client.onLost()
    return result
  }
  collector.request = function (this: Collector, request) {
    const context = currentContext()
    if (context !== undefined) {
      contexts.set(request, context)
      if (!numbers.has(context)) numbers.set(context, ++last)
    }
    return send.call(this, request)
  }
  collector.options.singleLoader = (request) =>
    run(contexts.get(request), [request], () => singleLoader(request))
  collector.options.batchLoader = (requests) => {
    const [first, ...others] = requests.map((request) => contexts.get(request))
    const common = others.every((context) => context === first) ? first : undefined
    return run(common, requests, () => batchLoader(requests))
  }
  // Calls of one transaction with contexts of their own are sent apart. An array of calls has to stay together.
  collector.options.batchBy = (request) => {
    const together = batchBy(request)
    const context = contexts.get(request)
    if (!together || context === undefined || request.transaction?.kind !== 'itx') return together
    return `${together}-context-${numbers.get(context)}`
  }
}

function writes({ protocolQuery }: Request): boolean {
  return /^(create|update|upsert|delete|execute)/.test(protocolQuery?.action ?? '')
}

function collectorOf(client: object): Collector | null {
  const { dataloader } =
    (client as { _requestHandler?: { dataloader?: Partial<Collector> } })._requestHandler ?? {}
  const { singleLoader, batchLoader, batchBy } = dataloader?.options ?? {}
  const known = [dataloader?.request, singleLoader, batchLoader, batchBy].every(
    (one) => typeof one === 'function',
  )
  return known ? (dataloader as Collector) : null
}
