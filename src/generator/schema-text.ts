import type { UnsupportedField } from '../model/data-model.ts'

/**
 * What Prisma's DMMF does not say and the schema's text does: which models are views, which Postgres schema
 * an enum lives in, the columns whose type Prisma Client cannot read, and who enforces references.
 */
export interface SchemaTextFacts {
  /** Names of the `view` blocks. */
  readonly views: ReadonlySet<string>
  /** Postgres schema (`@@schema`) by enum name, for the enums that name one. */
  readonly enumSchemas: ReadonlyMap<string, string>
  /** `Unsupported(...)` fields by model name, for the models that have some. */
  readonly unsupported: ReadonlyMap<string, readonly UnsupportedField[]>
  /** Whether the database enforces references: not so with `relationMode = "prisma"`. */
  readonly foreignKeys: boolean
}

/**
 * Reads those facts from a Prisma schema that Prisma has accepted.
 * @param text the whole schema, several files joined by newlines
 */
export function readSchemaText(text: string): SchemaTextFacts {
  const views = new Set<string>()
  const enumSchemas = new Map<string, string>()
  const unsupported = new Map<string, readonly UnsupportedField[]>()
  let foreignKeys = true
  for (const { keyword, name, body } of blocks(withoutComments(text))) {
    if (keyword === 'view') views.add(name)
    if (keyword === 'model') unsupported.set(name, unsupportedFields(body))
    if (keyword === 'datasource') foreignKeys = !/^\s*relationMode\s*=\s*"prisma"/m.test(body)
    const schema = attribute('@@schema', body)
    if (keyword === 'enum' && schema !== undefined) enumSchemas.set(name, schema)
  }
  return { views, enumSchemas, unsupported, foreignKeys }
}

/** Comments may hold anything, block openings included; strings may hold what looks like a comment. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (token) =>
    token.startsWith('"') ? token : ' ',
  )
}

/** Top-level blocks: each ends at the first line that begins with its closing brace. */
function* blocks(text: string): Generator<{ keyword: string; name: string; body: string }> {
  for (const match of text.matchAll(
    /^[ \t]*(datasource|model|view|enum)\s+(\w+)\s*\{([\s\S]*?)^[ \t]*\}/gm,
  )) {
    yield { keyword: match[1] as string, name: match[2] as string, body: match[3] as string }
  }
}

function unsupportedFields(body: string): UnsupportedField[] {
  const fields: UnsupportedField[] = []
  for (const match of body.matchAll(/^[ \t]*(\w+)\s+Unsupported\(("(?:[^"\\]|\\.)*")\)(\[\]|\?)?(.*)$/gm)) {
    const [, name, type, arity, attributes] = match as unknown as [string, string, string, string?, string?]
    if (/@ignore\b/.test(attributes ?? '')) continue
    fields.push({
      kind: 'unsupported',
      name,
      isList: arity === '[]',
      isRequired: arity !== '?',
      type: JSON.parse(type),
      column: attribute('@map', attributes ?? '') ?? name,
    })
  }
  return fields
}

/** The string argument of `@name("...")` or `@name(map: "...")` / `@name(name: "...")`. */
function attribute(name: string, text: string): string | undefined {
  const literal = new RegExp(`${name}\\(\\s*(?:\\w+\\s*:\\s*)?("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1]
  return literal === undefined ? undefined : JSON.parse(literal)
}
