import { createHash } from 'node:crypto'
import type { Schemas } from '../../config/schemas.ts'
import { quoteIdentifier, quoteTable } from '../../database/quote.ts'

/** Postgres cuts longer names, and two long ones could then be one. */
const MAX_NAME_BYTES = 63
const HASH_LENGTH = 8

/** Every object the library puts into a host's database begins with this. */
export const PREFIX = 'sync_'

/** Trigger names by what they fire on. They are per table, so that they need nothing of its name. */
export const TRIGGER_NAMES = {
  INSERT: `${PREFIX}insert`,
  UPDATE: `${PREFIX}update`,
  DELETE: `${PREFIX}delete`,
  TRUNCATE: `${PREFIX}truncate`,
} as const

/** Function that reads the context of a statement. */
export const CONTEXT_FUNCTION = `${PREFIX}context`

/** Function that tells whether changes can be published in this database. */
export const READY_FUNCTION = `${PREFIX}ready`

/** Function that asks for a comparison of a whole target. */
export const RECONCILE_FUNCTION = `${PREFIX}reconcile`

/** A table as the catalog names it. */
export interface TableName {
  readonly schema: string | null
  readonly table: string
}

/**
 * Name of a table's trigger function: `sync_on_<table>`. Where the table names a schema or the name would be
 * too long, a hash of both keeps it apart from others.
 */
export function functionName({ schema, table }: TableName): string {
  const plain = `${PREFIX}on_${table}`
  if (schema === null && Buffer.byteLength(plain) <= MAX_NAME_BYTES) return plain
  const hash = createHash('sha256')
    .update(JSON.stringify([schema, table]))
    .digest('hex')
    .slice(0, HASH_LENGTH)
  const readable = cut(
    `${PREFIX}on_${schema === null ? '' : `${schema}_`}${table}`,
    MAX_NAME_BYTES - HASH_LENGTH - 1,
  )
  return `${readable}_${hash}`
}

/**
 * A table with its schema, quoted. Prisma's tables without `@@schema` stand where the library's own do, which
 * have none either; it has to be spelled out because the functions run with a search path of their own.
 */
export function tableSql({ schema, table }: TableName, schemas: Schemas): string {
  return quoteTable(schema ?? schemas.library, table)
}

/** A function of the library with its schema, quoted. */
export function functionSql(name: string, schemas: Schemas): string {
  return `${quoteIdentifier(schemas.library)}.${quoteIdentifier(name)}`
}

/** Cuts at a character's border. */
function cut(text: string, maxBytes: number): string {
  let kept = ''
  let bytes = 0
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > maxBytes) break
    kept += character
  }
  return kept
}
