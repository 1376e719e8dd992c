import { AsyncLocalStorage } from 'node:async_hooks'
import type { ChangeContext } from '../change/change.ts'
import { currentContext } from '../change/context.ts'

/*
 * The context of the statement that is being sent, which is not always that of the code that is running: Prisma
 * Client collects the calls of all transactions that are made in one tick and sends them from the first caller's
 * asynchronous context, be it another request's. (A DataLoader; seen with 7.10: two `$transaction([...])` under
 * Promise.all both ran in the first one's.) So the context is noted when a call is made, and put back when it is
 * sent. The collector is no public API; test/triggers/context.test.ts fails on a Prisma version that
 * changed it.
 */

const statements = new AsyncLocalStorage<ChangeContext | undefined>()

/** The context of the statement that is being sent; undefined where none is known for certain. */
export function statementContext(): ChangeContext | undefined {
  return statements.getStore()
}

interface Request {
  readonly transaction?: { readonly kind?: string }
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

const prepared = new WeakSet<Collector>()

/**
 * Makes a client's statements carry the context in which their call was made. Clients extended from it, and its
 * transactions, do so too. A second call does nothing.
 *
 * @param client a Prisma client
 * @returns false when this version of Prisma Client works otherwise: its statements then carry no context
 */
export function carryContext(client: object): boolean {
  const collector = collectorOf(client)
  if (collector === null) return false
  if (prepared.has(collector)) return true
  prepared.add(collector)
  const contexts = new WeakMap<Request, ChangeContext>()
  const numbers = new WeakMap<ChangeContext, number>()
  let last = 0
  const { singleLoader, batchLoader, batchBy } = collector.options
  const send = collector.request

  collector.request = function (this: Collector, request) {
    const context = currentContext()
    if (context !== undefined) {
      contexts.set(request, context)
      if (!numbers.has(context)) numbers.set(context, ++last)
    }
    return send.call(this, request)
  }
  collector.options.singleLoader = (request) =>
    statements.run(contexts.get(request), () => singleLoader(request))
  collector.options.batchLoader = (requests) => {
    const [first, ...others] = requests.map((request) => contexts.get(request))
    const common = others.every((context) => context === first) ? first : undefined
    return statements.run(common, () => batchLoader(requests))
  }
  // Calls of one transaction with contexts of their own are sent apart. An array of calls has to stay together.
  collector.options.batchBy = (request) => {
    const together = batchBy(request)
    const context = contexts.get(request)
    if (!together || context === undefined || request.transaction?.kind !== 'itx') return together
    return `${together}-context-${numbers.get(context)}`
  }
  return true
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
