import { z } from 'zod'

/** A field of a collection, as its schema has it. */
export interface TypesenseField {
  readonly name: string
  readonly type: string
  readonly [option: string]: unknown
}

/** The schema of a collection, without its name. */
export interface TypesenseSettings {
  readonly fields: readonly TypesenseField[]
  readonly [option: string]: unknown
}

/** The schema as written in a config file. */
export interface TypesenseSettingsInput {
  /**
   * Fields of the collection: `{ name: 'city', type: 'string', facet: true }`.
   * @defaultValue `[{ name: '.*', type: 'auto' }]`: the engine finds types out by itself
   */
  readonly fields?: readonly TypesenseField[]
  /** Whatever else the schema of a collection has, such as `enable_nested_fields`. */
  readonly [option: string]: unknown
}

export const typesenseSettingsSchema = z
  .looseObject({
    fields: z
      .array(z.looseObject({ name: z.string().min(1), type: z.string().min(1) }))
      .default([{ name: '.*', type: 'auto' }]),
  })
  .prefault({})

export const typesenseCollectionName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,200}$/, 'expected letters, digits, dots, dashes and underscores, at most 200')

/** Fields that the collection has not, or has with other options. The engine adds options of its own. */
export function differingFields(
  wanted: readonly TypesenseField[],
  actual: readonly object[],
): { readonly field: TypesenseField; readonly isThere: boolean }[] {
  const there = new Map(actual.map((field) => [(field as TypesenseField).name, field as TypesenseField]))
  return wanted.flatMap((field) => {
    const found = there.get(field.name)
    const isSame =
      found !== undefined &&
      Object.entries(field).every(([name, value]) => JSON.stringify(value) === JSON.stringify(found[name]))
    return isSame ? [] : [{ field, isThere: found !== undefined }]
  })
}
