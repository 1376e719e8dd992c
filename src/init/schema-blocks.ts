import { withoutComments } from '../generator/schema-text.ts'

/** A `generator` or `datasource` block of a Prisma schema. */
export interface SchemaBlock {
  readonly keyword: 'generator' | 'datasource'
  readonly name: string
  /** Settings by name: the text of a string, or what stands there as it is. */
  readonly settings: Readonly<Record<string, string>>
  /** The file it stands in. */
  readonly file: string
}

/**
 * The generator and datasource blocks of a schema that Prisma accepts. Models are not read from text: Prisma does that.
 * @param files text by path
 */
export function readBlocks(files: ReadonlyMap<string, string>): SchemaBlock[] {
  const blocks: SchemaBlock[] = []
  for (const [file, text] of files) {
    const pattern = /^[ \t]*(generator|datasource)\s+(\w+)\s*\{([\s\S]*?)^[ \t]*\}/gm
    for (const [, keyword, name = '', body = ''] of withoutComments(text).matchAll(pattern)) {
      blocks.push({ keyword: keyword as SchemaBlock['keyword'], name, settings: readSettings(body), file })
    }
  }
  return blocks
}

/** The Postgres schemas that a datasource names, or none: with some, Prisma wants `@@schema` on every model. */
export function schemasOf(datasource: SchemaBlock | undefined): string[] {
  return [...(datasource?.settings.schemas ?? '').matchAll(/"([^"]+)"/g)].map((match) => match[1] as string)
}

/** The text with `@@schema("name")` in every model and enum. */
export function withSchema(text: string, schema: string): string {
  return text.replace(
    /^((?:model|enum)\s+\w+\s*\{[\s\S]*?)^\}/gm,
    (_, block: string) => `${block}  @@schema(${JSON.stringify(schema)})\n}`,
  )
}

/**
 * The text of a migration of the library with its tables and types in a Postgres schema.
 * @param all the text of every migration of the library, in which the names are made
 */
export function inPostgresSchema(sql: string, schema: string, all: readonly string[]): string {
  const made = all.flatMap((text) => [
    ...text.matchAll(/^CREATE (?:TABLE|TYPE) (?:IF NOT EXISTS )?"(\w+)"/gm),
  ])
  const names = new Set(made.map((match) => match[1] as string))
  return sql.replace(/"(\w+)"/g, (quoted, name: string) =>
    names.has(name) ? `${JSON.stringify(schema)}.${quoted}` : quoted,
  )
}

function readSettings(body: string): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [, name = '', value = ''] of body.matchAll(/^[ \t]*(\w+)[ \t]*=[ \t]*(\[[^\]]*\]|[^\n]*)/gm)) {
    const text = value.trim()
    settings[name] = /^"(?:[^"\\]|\\.)*"$/.test(text) ? JSON.parse(text) : text
  }
  return settings
}
