/** A field with a value of its own, of a schema in the making. */
export interface ValueDraft {
  readonly name: string
  /** Prisma's type, without `?` and `[]`. */
  readonly type: string
  readonly kind?: 'optional' | 'list'
  /** Native type, as `@db.Uuid`; a foreign key has that of the field it refers to. */
  readonly native?: string
  readonly attributes?: readonly string[]
  /** Name of the column, where it is another. */
  readonly column?: string
}

/** A model of a schema in the making. */
export interface ModelDraft {
  readonly name: string
  readonly table: string
  /** Fields that name a record, and that relations refer to. */
  readonly key: readonly string[]
  /** What says that they do: implicit many-to-many relations need an `@id`. */
  readonly keyIs: '@id' | '@@id' | '@unique' | '@@unique'
  readonly values: ValueDraft[]
  /** Relation fields, and attributes of the model, as they are written. */
  readonly relations: string[]
  readonly attributes: string[]
}

/** An enum of a schema in the making. */
export interface EnumDraft {
  readonly name: string
  readonly type: string
  /** Values as they are written, `LARGE @map("l|x")`. */
  readonly values: readonly string[]
}

/** A schema in the making. */
export interface SchemaDraft {
  /** Postgres schemas, none where the connection's own is the only one. */
  readonly schemas: readonly string[]
  readonly models: readonly ModelDraft[]
  readonly enums: readonly EnumDraft[]
  /** The schema of each model and enum, by name. */
  readonly schemaOf: ReadonlyMap<string, string>
  /** Blocks that are written as they are. */
  readonly blocks: readonly string[]
}

/** The text of a `schema.prisma`. */
export function renderSchema({ schemas, models, enums, schemaOf, blocks }: SchemaDraft): string {
  const list = schemas.map((name) => JSON.stringify(name)).join(', ')
  const datasource = `datasource db {\n  provider = "postgresql"\n${list && `  schemas  = [${list}]\n`}}`
  const generator =
    'generator client {\n  provider        = "prisma-client"\n  previewFeatures = ["views"]\n}'
  const inSchema = (name: string) => {
    const schema = schemaOf.get(name)
    return schema === undefined ? [] : [`@@schema(${JSON.stringify(schema)})`]
  }
  const rendered = models.map((model) =>
    block('model', model.name, [
      ...model.values.map(renderValue),
      ...model.relations,
      ...model.attributes,
      ...(model.table === model.name ? [] : [`@@map(${JSON.stringify(model.table)})`]),
      ...inSchema(model.name),
    ]),
  )
  const renderedEnums = enums.map(({ name, type, values }) =>
    block('enum', name, [...values, `@@map(${JSON.stringify(type)})`, ...inSchema(name)]),
  )
  return [datasource, generator, ...renderedEnums, ...rendered, ...blocks, ''].join('\n\n')
}

/** A block of a schema. */
export function block(keyword: string, name: string, lines: readonly string[]): string {
  return `${keyword} ${name} {\n${lines.map((line) => `  ${line}`).join('\n')}\n}`
}

/** The name of a field's column. */
export function columnOfDraft({ name, column }: ValueDraft): string {
  return column ?? name
}

function renderValue({ name, type, kind, native, attributes = [], column }: ValueDraft): string {
  const mark = kind === 'optional' ? '?' : kind === 'list' ? '[]' : ''
  const mapped = column === undefined ? [] : [`@map(${JSON.stringify(column)})`]
  return [name, `${type}${mark}`, ...attributes, ...(native ? [native] : []), ...mapped].join(' ')
}
