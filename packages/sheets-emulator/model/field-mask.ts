import { ApiError } from './errors.ts'

/** A field mask as a tree: a node without children takes everything below it. */
export interface Mask {
  readonly fields: ReadonlyMap<string, Mask>
}

/** The mask that takes everything. */
export const EVERYTHING: Mask = { fields: new Map() }

/**
 * Parses a field mask: `a,b`, `a.b`, `a/b`, `a(b,c)`, `*` (all four are recorded).
 * @throws ApiError 400 for a text that is no mask
 */
export function parseMask(text: string): Mask {
  const root = new Map<string, Mask>()
  let at = 0
  const fail = (): never => {
    throw maskError(text)
  }

  const list = (into: Map<string, Mask>, closing: string): void => {
    for (;;) {
      path(into)
      if (text[at] === ',') at++
      else if (text[at] === closing || (closing === '' && at === text.length)) return
      else fail()
    }
  }
  const path = (into: Map<string, Mask>): void => {
    const match = /\s*([A-Za-z0-9_]+|\*)\s*/y
    match.lastIndex = at
    const name = match.exec(text)?.[1] ?? fail()
    at = match.lastIndex
    const known = into.get(name)
    const child = new Map(known?.fields)
    const opensAll = known !== undefined && known.fields.size === 0
    if (text[at] === '.' || text[at] === '/') {
      at++
      path(child)
    } else if (text[at] === '(') {
      at++
      list(child, ')')
      at++
    } else {
      into.set(name, EVERYTHING)
      return
    }
    into.set(name, opensAll ? EVERYTHING : { fields: child })
  }

  list(root, '')
  return { fields: root }
}

/** The part of the mask below `name`, or undefined when the mask leaves it out. */
export function below(mask: Mask, name: string): Mask | undefined {
  if (mask.fields.size === 0) return EVERYTHING
  return mask.fields.get(name) ?? mask.fields.get('*')
}

/** True when the mask names `path` or something below or above it, without a wildcard taking everything. */
export function names(mask: Mask, ...path: string[]): boolean {
  let node: Mask | undefined = mask
  for (const name of path) {
    node = below(node, name)
    if (!node) return false
  }
  return true
}

/** What is left of an answer under a mask. Objects of lists are masked one by one. */
export function applyMask(value: unknown, mask: Mask): unknown {
  if (mask.fields.size === 0 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((each) => applyMask(each, mask))
  const result: Record<string, unknown> = {}
  for (const [name, each] of Object.entries(value)) {
    const child = below(mask, name)
    if (child && each !== undefined) result[name] = applyMask(each, child)
  }
  return result
}

/** The error of a mask with a path that does not exist or cannot be read. */
export function maskError(path: string): ApiError {
  return new ApiError(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.', [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [
        {
          field: path,
          description: `Error expanding 'fields' parameter. Cannot find matching fields for path '${path}'.`,
        },
      ],
    },
  ])
}
