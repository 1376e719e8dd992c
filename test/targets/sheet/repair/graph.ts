/** Values as JSON in which one object that is named twice is one object, with maps, sets and `undefined`. */
export type Graph = readonly Node[]

type Ref = number | { readonly v: string | number | boolean | null } | 'u'
type Node =
  | { readonly o: readonly (readonly [string, Ref])[] }
  | { readonly a: readonly Ref[] }
  | { readonly m: readonly (readonly [Ref, Ref])[] }
  | { readonly s: readonly Ref[] }

/** The first node is the value. @throws TypeError for a value of another kind, such as a function */
export function encode(value: object): Graph {
  const nodes: Node[] = []
  const known = new Map<object, number>()
  const ref = (one: unknown): Ref => {
    if (one === undefined) return 'u'
    if (one === null || typeof one === 'string' || typeof one === 'boolean') return { v: one }
    if (typeof one === 'number') return { v: one }
    if (typeof one !== 'object') throw new TypeError(`a ${typeof one} cannot be written down`)
    const at = known.get(one)
    if (at !== undefined) return at
    const own = nodes.length
    known.set(one, own)
    nodes.push({ a: [] })
    nodes[own] = nodeOf(one)
    return own
  }
  const nodeOf = (one: object): Node => {
    if (one instanceof Map) return { m: [...one].map(([key, item]) => [ref(key), ref(item)]) }
    if (one instanceof Set) return { s: [...one].map(ref) }
    if (Array.isArray(one)) return { a: Array.from(one, ref) }
    return { o: Object.entries(one).map(([key, item]) => [key, ref(item)]) }
  }
  ref(value)
  return nodes
}

export function decode(graph: Graph): unknown {
  const made: unknown[] = graph.map((node) => {
    if ('m' in node) return new Map()
    if ('s' in node) return new Set()
    return 'a' in node ? [] : {}
  })
  const of = (ref: Ref): unknown => (ref === 'u' ? undefined : typeof ref === 'number' ? made[ref] : ref.v)
  for (const [at, node] of graph.entries()) {
    const one = made[at]
    if ('m' in node) for (const [key, item] of node.m) (one as Map<unknown, unknown>).set(of(key), of(item))
    else if ('s' in node) for (const item of node.s) (one as Set<unknown>).add(of(item))
    else if ('a' in node) (one as unknown[]).push(...node.a.map(of))
    else for (const [key, item] of node.o) (one as Record<string, unknown>)[key] = of(item)
  }
  return made[0]
}
