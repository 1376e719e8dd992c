import { readFileSync } from 'node:fs'
import type { z } from 'zod'

/** An option as the schema has it. */
export interface Option {
  /** Path with dots; items of a list have that of the list. */
  readonly path: string
  readonly required: boolean
  /** What stands where nothing is given, as JSON; undefined for nothing. */
  readonly default: string | undefined
  /** The texts it may be, where it is one of several. */
  readonly choices: readonly string[]
}

/**
 * The options of a schema, leaf by leaf. A union of values is one option: which of them a text has to name are its
 * `choices`, names of keys included.
 */
export function optionsOf(schema: z.ZodType, path = ''): Option[] {
  const { inner, fallback, optional } = unwrap(schema)
  const def = inner.def as Definition
  if (def.type === 'object' && def.shape) {
    return Object.entries(def.shape).flatMap(([name, one]) => optionsOf(one, path ? `${path}.${name}` : name))
  }
  const leaf = {
    path,
    required: !optional && fallback === undefined,
    default: fallback,
    choices: choicesOf(inner),
  }
  if (def.type !== 'array' || !def.element) return [leaf]
  const items = unwrap(def.element).inner
  return [leaf, ...((items.def as Definition).type === 'object' ? optionsOf(items, path) : [])]
}

/** Everything of zod's own description of a schema that is read here. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
  readonly valueType?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly entries?: Readonly<Record<string, string>>
  readonly defaultValue?: unknown
}

function unwrap(schema: z.ZodType): { inner: z.ZodType; fallback: string | undefined; optional: boolean } {
  let inner = schema
  let fallback: string | undefined
  let optional = false
  for (;;) {
    const def = inner.def as Definition
    if (def.innerType === undefined) return { inner, fallback, optional }
    if (def.type === 'optional') optional = true
    if (def.type === 'default') fallback = JSON.stringify(def.defaultValue)
    inner = def.innerType
  }
}

function choicesOf(schema: z.ZodType): string[] {
  const { type, entries, options, shape, valueType } = schema.def as Definition
  if (type === 'enum' && entries) return Object.values(entries)
  if (type === 'union' && options) return options.flatMap(choicesOf)
  if (type === 'object' && shape) return Object.entries(shape).flatMap(([key, one]) => [key, ...keysOf(one)])
  return valueType ? choicesOf(valueType) : []
}

function keysOf(schema: z.ZodType): string[] {
  const { shape } = schema.def as Definition
  return Object.keys(shape ?? {})
}

/** A row of a table of the page: the names in its first cell, the default, the rest. */
export interface Row {
  readonly names: readonly string[]
  readonly default: string
  readonly meaning: string
}

/** The rows of the first table below a heading of docs/configuration.md. */
export function tableBelow(heading: string): Row[] {
  const text = readFileSync('docs/configuration.md', 'utf8')
  const section = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`docs/configuration.md has no heading ${heading}`)
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [, names = '', fallback = '', meaning = ''] = line.split(/(?<!\\) ?\| ?/)
      return {
        names: [...names.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string),
        default: fallback.trim(),
        meaning,
      }
    })
}
