import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { quoteLiteral, quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import type { Model, ScalarField } from '../model/data-model.ts'

/** The field of a model whose id can be made before its record is; undefined where a person has to choose it. */
export function madeId(model: Model): ScalarField | undefined {
  const field = model.primaryKey.length === 1 ? model.fields[model.primaryKey[0] ?? ''] : undefined
  return field?.kind === 'scalar' && field.made !== undefined ? field : undefined
}

/**
 * Ids for records that are to be made: of the form that Prisma gives them, or what the database's own default makes. One
 * that is not used in the end leaves a gap in its sequence, as a transaction that was rolled back does.
 *
 * @returns so many ids as text, see `encodeRecordId`
 * @throws WritebackError `CONFIG_INVALID` for a model whose ids nothing makes
 */
export async function newRecordIds(sql: Sql, model: Model, count: number): Promise<string[]> {
  const field = madeId(model)
  if (field?.made === undefined) throw notMade(model)
  const make = makerOf(field.made)
  if (make === undefined) return count === 0 ? [] : await fromDatabase(sql, model, field, count)
  return Array.from({ length: count }, make)
}

/** Makes one id; undefined where the database does. */
function makerOf({ by, args }: NonNullable<ScalarField['made']>): (() => string) | undefined {
  switch (by) {
    case 'uuid':
      return args[0] === 7 ? uuid7 : randomUUID
    case 'cuid':
      return args[0] === 2
        ? () => letter() + text(LOWER, 23)
        : () => `c${Date.now().toString(36).padStart(8, '0')}${text(LOWER, 16)}`
    case 'nanoid':
      return () => text(URL_SAFE, Number(args[0] ?? 21))
    case 'ulid':
      return ulid
    default:
      return undefined
  }
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789'
const URL_SAFE = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ_-`
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function text(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

function letter(): string {
  return LOWER[randomInt(26)] as string
}

/** RFC 9562, section 5.7: 48 bits of milliseconds, then random ones. */
function uuid7(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** The ULID specification: 48 bits of milliseconds in ten characters, then sixteen random ones. */
function ulid(): string {
  let time = ''
  for (let rest = Date.now(); time.length < 10; rest = Math.floor(rest / 32))
    time = CROCKFORD[rest % 32] + time
  return time + text(CROCKFORD, 16)
}

/** What the column's default makes, or its identity. */
async function fromDatabase(
  sql: Sql,
  model: Model,
  { column }: ScalarField,
  count: number,
): Promise<string[]> {
  const table =
    model.schema === null ? `"${model.table.replaceAll('"', '""')}"` : quoteTable(model.schema, model.table)
  const [found] = await sql.query<{ expression: string | null }>(
    `select coalesce(pg_get_expr(d.adbin, d.adrelid),
       case when a.attidentity <> '' then format('nextval(%L::regclass)', pg_get_serial_sequence(${quoteLiteral(table)}, a.attname)) end
     ) as expression
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = to_regclass($1) and a.attname = $2 and not a.attisdropped`,
    [table, column],
  )
  if (!found?.expression) throw notMade(model)
  // Read from the catalog just now: the same text that Postgres runs itself for every row.
  const made = await sql.query<{ id: string }>(
    `select (${found.expression})::text as id from generate_series(1, $1::integer)`,
    [count],
  )
  return made.map(({ id }) => id)
}

function notMade(model: Model): WritebackError {
  return new WritebackError('CONFIG_INVALID', {
    problem: `rows that people add cannot become records of ${model.name}`,
    expected:
      'an @id of one field with a default that makes it: cuid(), uuid(), autoincrement(), dbgenerated(...)',
    got: `a key of ${model.primaryKey.join(', ')} that nothing makes`,
    remedy: "Use newRows: 'ignore', or give the id a default and run prisma generate",
  })
}
