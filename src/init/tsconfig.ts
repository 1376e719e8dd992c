import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

/** What is asked of a tsconfig.json, with what it extends. */
export interface Tsconfig {
  readonly options: Readonly<Record<string, unknown>>
  readonly include: readonly string[] | undefined
}

/** Reads the tsconfig.json of a folder; undefined where there is none that can be read. */
export function readTsconfig(root: string): Tsconfig | undefined {
  const path = join(root, 'tsconfig.json')
  return existsSync(path) ? readChain(path, new Set()) : undefined
}

function readChain(path: string, seen: Set<string>): Tsconfig | undefined {
  if (seen.has(path)) return undefined
  seen.add(path)
  const json = parse(readFileSync(path, 'utf8'))
  if (json === undefined) return undefined
  const bases = [json.extends ?? []].flat().flatMap((name) => {
    const base = locate(String(name), path)
    return base === undefined ? [] : (readChain(base, seen) ?? [])
  })
  return {
    options: Object.assign({}, ...bases.map(({ options }) => options), json.compilerOptions),
    include: json.include ?? bases.findLast(({ include }) => include)?.include,
  }
}

function locate(name: string, from: string): string | undefined {
  if (/^(\.|\/)/.test(name)) {
    return [name, `${name}.json`].map((one) => resolve(dirname(from), one)).find((path) => existsSync(path))
  }
  const require = createRequire(from)
  for (const one of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return require.resolve(one)
    } catch {
      // Another spelling may be there.
    }
  }
  return undefined
}

interface Text {
  readonly extends?: string | readonly string[]
  readonly compilerOptions?: Record<string, unknown>
  readonly include?: readonly string[]
}

/** JSON with comments and trailing commas. */
function parse(text: string): Text | undefined {
  const plain = text
    .replace(/^\uFEFF/, '')
    .replace(
      /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
      (_, literal: string | undefined) => literal ?? ' ',
    )
    .replace(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g, (_, literal: string | undefined) => literal ?? '')
  try {
    return JSON.parse(plain)
  } catch {
    return undefined
  }
}
