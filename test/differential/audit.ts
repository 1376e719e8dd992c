import type pg from 'pg'
import { columnOf } from '../../src/capture/shown/links.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../../src/database/quote.ts'
import type { DataModel, EnumField, JoinTable, Model, ScalarField } from '../../src/model/data-model.ts'
import { encodeRecordId } from '../../src/model/record-id.ts'

/** Rows that truly changed, noted by row triggers that know nothing of the library. */
export interface Changes {
  /** Ids of changed records by model. */
  readonly records: ReadonlyMap<string, ReadonlySet<string>>
  /** Those of them that came and went: nobody else has seen them. */
  readonly passing: ReadonlyMap<string, ReadonlySet<string>>
  /** Models whose table was emptied by TRUNCATE. */
  readonly truncated: ReadonlySet<string>
  /** Whether an implicit many-to-many relation changed. */
  readonly links: boolean
}

/**
 * Puts a row trigger of its own on every table that notes the keys of rows that changed, in the same transaction: what
 * is rolled back leaves no note. Keys are noted as Postgres writes them for people and turned into ids here, by other
 * code than the triggers under test have.
 */
export async function installAudit(
  pool: pg.Pool,
  models: readonly Model[],
  joinTables: readonly JoinTable[] = [],
): Promise<void> {
  await pool.query('create schema if not exists audit')
  // Of a join table no model is noted.
  await pool.query('create table audit.note (n bigserial, model text, key text[], came boolean)')
  await pool.query(`
    create function audit.note_link() returns trigger language plpgsql as $audit$
    begin
      insert into audit.note (came) values (tg_op = 'INSERT');
      return null;
    end $audit$`)
  for (const { schema, table } of joinTables) {
    await pool.query(`create trigger audit_rows after insert or update or delete on ${quoteTable(schema ?? 'public', table)}
      for each row execute function audit.note_link()`)
  }
  for (const [at, model] of models.entries()) {
    const keys = (row: string) =>
      `array[${model.primaryKey.map((name) => `format('%s', ${row}.${quoteIdentifier(columnOf(model, name))})`).join(', ')}]`
    const table = quoteTable(model.schema ?? 'public', model.table)
    const name = quoteLiteral(model.name)
    await pool.query(`
      create function audit.note_${at}() returns trigger language plpgsql as $audit$
      begin
        if tg_op = 'TRUNCATE' then insert into audit.note (model) values (${name}); return null; end if;
        if tg_op = 'UPDATE' and to_jsonb(old)::text = to_jsonb(new)::text then return null; end if;
        if tg_op <> 'INSERT' then insert into audit.note (model, key, came) values (${name}, ${keys('old')}, false); end if;
        if tg_op <> 'DELETE' then insert into audit.note (model, key, came) values (${name}, ${keys('new')}, true); end if;
        return null;
      end $audit$;
      create trigger audit_rows after insert or update or delete on ${table} for each row execute function audit.note_${at}();
      create trigger audit_all after truncate on ${table} for each statement execute function audit.note_${at}();
    `)
  }
}

/** What changed since the last call. */
export async function takeChanges(pool: pg.Pool, dataModel: DataModel): Promise<Changes> {
  const { rows } = await pool.query<Note>(
    'with taken as (delete from audit.note returning *) select n, model, key, came from taken order by n',
  )
  const notes = new Map<string, Map<string, Note[]>>()
  const truncated = new Set<string>()
  for (const note of rows) {
    if (note.model === null) continue
    if (note.key === null) {
      truncated.add(note.model)
      continue
    }
    const model = dataModel.models[note.model] as Model
    const values = model.primaryKey.map((field, at) => [
      field,
      prismaValue(dataModel, model.fields[field] as ScalarField | EnumField, note.key?.[at] as string),
    ])
    const id = encodeRecordId(model, Object.fromEntries(values))
    const ofModel = notes.get(note.model) ?? new Map<string, Note[]>()
    notes.set(note.model, ofModel.set(id, [...(ofModel.get(id) ?? []), note]))
  }
  const idsWhere = (condition: (notes: readonly Note[]) => boolean) =>
    new Map(
      [...notes].map(([model, ids]) => [
        model,
        new Set([...ids].flatMap(([id, ofId]) => (condition(ofId) ? [id] : []))),
      ]),
    )
  const passing = idsWhere((ofId) => ofId[0]?.came === true && ofId.at(-1)?.came === false)
  const links = rows.some((note) => note.model === null)
  return { records: idsWhere(() => true), passing, truncated, links }
}

/** A row under a key: it came (inserted, or got the key), or it went. An update is both, first that it went. */
interface Note {
  readonly model: string | null
  readonly key: readonly string[] | null
  readonly came: boolean
}

/** The value Prisma Client would have for what Postgres prints. */
function prismaValue(dataModel: DataModel, field: ScalarField | EnumField, text: string): unknown {
  if (field.kind === 'enum') {
    const values = Object.entries(dataModel.enums[field.type]?.values ?? {})
    return values.find(([, stored]) => stored === text)?.[0] ?? text
  }
  switch (field.type) {
    case 'Int':
      return Number(text)
    case 'BigInt':
      return BigInt(text)
    case 'Boolean':
      return text === 't'
    case 'DateTime':
      if (field.nativeType === 'Date') return new Date(`${text}T00:00:00Z`)
      if (field.nativeType === 'Time') return new Date(`1970-01-01T${text}Z`)
      return new Date(/[+-]\d\d$/.test(text) ? `${text.replace(' ', 'T')}:00` : `${text.replace(' ', 'T')}Z`)
    default:
      return text
  }
}
