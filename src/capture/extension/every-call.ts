import { WRITES } from './operations.ts'
import type { HookCall, SeamClient } from './seam.ts'

/*
 * Sees to it that capture sees the writes of every client that hangs on the same PrismaClient: also those that an
 * extension sends through the client it was given and has kept (`$primary()` of the read replicas, a soft delete that
 * turns `delete` into an `update`), which the query hooks of a client extended later do not see. All of them ask one
 * method of the client at their root to run a call. It is no public API; test/capture/every-call.test.ts fails on a
 * Prisma version that changed it.
 */

type Hook = (call: HookCall) => Promise<unknown>

/** Prisma's list of the extensions of a client. */
interface Extensions {
  append(extension: object): Extensions
  getAllQueryCallbacks(model: string, operation: string): readonly unknown[]
  getAllComputedFields(model: string): Readonly<Record<string, ComputedField>> | undefined
}

/** A field that a `result` extension computes, and the fields of the model that it needs for it. */
export interface ComputedField {
  readonly name: string
  readonly needs: readonly string[]
}

/** A client as it looks from inside of Prisma. */
interface Inner {
  readonly _originalClient?: Inner
  readonly _extensions: Extensions
  readonly _previewFeatures?: readonly string[]
  _request(this: Inner, params: Request): Promise<unknown>
}

interface Request {
  readonly action?: string
  readonly clientMethod?: string
  readonly jsModelName?: string
  [CALLER]?: Inner
}

/** Under this a call says which client it was made on. */
const CALLER = Symbol('prisma-writeback.caller')

/** What is known of a root: Prisma's own method, and the hooks for clients that have none of ours. */
interface Root {
  readonly request: Inner['_request']
  hooks: readonly Hook[]
  /** Lists of extensions with the hooks added, by the list without. */
  lists: WeakMap<Extensions, Extensions>
}

const roots = new WeakMap<object, Root>()
const ours = new WeakSet<object>()

const WATCHED: ReadonlySet<string> = new Set([...WRITES, 'executeRaw', 'queryRaw'])

/**
 * Makes every write on the PrismaClient behind `client` come by `hook`, whichever of its clients it is made on; each
 * write once. Of several hooks the one that was added last counts, with those that its client has already.
 *
 * @param client what is extended with the hook
 * @param hook what the extension's query hook calls
 * @returns false when this version of Prisma Client works otherwise: then only the extended client has the hook
 */
export function watchEveryCall(client: object, hook: Hook): boolean {
  ours.add(hook)
  const root = rootOf(client)
  if (root === null) return false
  const known = watched(root)
  known.hooks = [...hooksOf(client as Inner, '$none', '$executeRaw'), hook]
  known.lists = new WeakMap()
  return true
}

/** The same client, whose calls come by no hook of ours: for the statements of capture's own. */
export function unwatched<Client extends SeamClient>(client: Client): Client {
  const root = rootOf(client)
  return root === null ? client : Object.create(client, { _request: { value: watched(root).request } })
}

/** The names of the extensions that a client has, in the order in which they were added. */
export function extensionNames(client: object): string[] {
  const names: string[] = []
  const list = (client as { _extensions?: { head?: Extended } })._extensions
  for (let one = list?.head; one !== undefined; one = one.previous) {
    names.unshift(one.extension?.name ?? 'one without a name')
  }
  return names
}

interface Extended {
  readonly extension?: { readonly name?: string }
  readonly previous?: Extended
}

/** The fields that `result` extensions compute for a model, on the client that a hooked call was made on. */
export function computedFieldsOf(call: HookCall): readonly ComputedField[] {
  const fields = callerOf(call)?._extensions.getAllComputedFields(call.model ?? '')
  return Object.values(fields ?? {})
}

/** Whether the schema's preview feature of that name is on. */
export function hasPreviewFeature(call: HookCall, feature: string): boolean {
  return callerOf(call)?._previewFeatures?.includes(feature) ?? false
}

function callerOf(call: HookCall): Inner | undefined {
  return (call as { __internalParams?: Request }).__internalParams?.[CALLER]
}

function watched(root: Inner): Root {
  const present = roots.get(root)
  if (present) return present
  const known: Root = { request: root._request, hooks: [], lists: new WeakMap() }
  roots.set(root, known)
  const request: Inner['_request'] = function (params) {
    const caller = isWatched(params) && !isHooked(this, params) ? withHooks(this, known) : this
    params[CALLER] = caller
    return known.request.call(caller, params)
  }
  Object.defineProperty(root, '_request', { value: request, configurable: true, writable: true })
  return known
}

function rootOf(client: object): Inner | null {
  const root = (client as Partial<Inner>)._originalClient
  const lists = [root?._extensions?.append, root?._extensions?.getAllQueryCallbacks]
  const known = [root?._request, ...lists].every((one) => typeof one === 'function')
  return root && known ? root : null
}

function isWatched({ action }: Request): boolean {
  return action !== undefined && WATCHED.has(action)
}

function isHooked(client: Inner, { jsModelName, action, clientMethod }: Request): boolean {
  const operation = jsModelName ? action : clientMethod
  return hooksOf(client, jsModelName ?? '$none', operation ?? '').length > 0
}

function hooksOf(client: Inner, model: string, operation: string): readonly Hook[] {
  const callbacks = client._extensions.getAllQueryCallbacks(model, operation)
  return callbacks.filter((one): one is Hook => ours.has(one as object))
}

/** The client with the hooks behind all that it has. */
function withHooks(client: Inner, { hooks, lists }: Root): Inner {
  const present = client._extensions
  let list = lists.get(present)
  if (list === undefined) {
    list = hooks.reduce(
      (all, hook) => all.append({ name: 'prisma-writeback', query: { $allOperations: hook } }),
      present,
    )
    lists.set(present, list)
  }
  return Object.create(client, { _extensions: { value: list } })
}
