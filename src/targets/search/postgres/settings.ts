import { z } from 'zod'
import { quoteTable } from '../../../database/quote.ts'

/** How a table is searched. */
export interface PostgresSettings {
  /** Text search configuration of Postgres. */
  readonly language: string
  /** Fields that are searched, with the weight of each; undefined for every text and number of the document. */
  readonly weights?: Readonly<Record<string, Weight>> | undefined
  /** Whether words are kept as they are written too, beside their stems. */
  readonly prefix: boolean
}

type Weight = 'A' | 'B' | 'C' | 'D'

/** The settings as written in a config file. */
export interface PostgresSettingsInput {
  /**
   * Text search configuration: `english`, `german`, `my_schema.my_configuration`; it decides which words are the same.
   * @defaultValue 'simple', which knows no language
   */
  readonly language?: string
  /**
   * Fields of the document that are searched (`address.city` for inner ones), with their weight: a word found in an `A` counts most.
   * @defaultValue every text and number of the document, with weight `D`
   */
  readonly weights?: Readonly<Record<string, Weight>>
  /**
   * Keeps words as they are written too, so that a beginning such as `travell` is found where a language has made
   * `travel` of them. The index becomes larger.
   * @defaultValue true
   */
  readonly prefix?: boolean
}

const NAME = '[A-Za-z_][A-Za-z0-9_]{0,62}'

/** A table, with its schema or without. */
export const tableName = z
  .string()
  .regex(new RegExp(`^(${NAME}\\.)?${NAME}$`), 'expected the name of a table, or schema.table')

export const postgresSettingsSchema = z
  .strictObject({
    language: z
      .string()
      .regex(
        new RegExp(`^(${NAME}\\.)?${NAME}$`),
        'expected a text search configuration of Postgres, such as english',
      )
      .default('simple'),
    weights: z
      .record(
        z.string().regex(/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u, 'expected names of fields'),
        z.enum(['A', 'B', 'C', 'D']),
      )
      .refine((given) => Object.keys(given).length > 0, 'expected one field or more')
      .optional(),
    prefix: z.boolean().default(true),
  })
  .prefault({})

/** Name of a table, quoted. @param index checked by {@link tableName} */
export function quoteIndex(index: string): string {
  const [table = '', schema = null] = index.split('.').reverse()
  return quoteTable(schema, table)
}
