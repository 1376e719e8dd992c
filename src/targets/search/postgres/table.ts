import { quoteLiteral } from '../../../database/quote.ts'
import { canonicalJson } from '../../documents/fingerprint.ts'
import { type PostgresSettings, quoteIndex } from './settings.ts'

/** Version of what the table looks like. */
const FORM = 1
/** SQLSTATE of a table that is somebody else's. */
export const FOREIGN_TABLE = 'WB001'

/** What the table's comment says: how it was made, and that it is ours. The search reads its language there. */
export function tableComment({ language, weights, prefix }: PostgresSettings): string {
  return canonicalJson({ writeback: { form: FORM, language, weights: weights ?? null, prefix } })
}

/** An SQL expression for the comment of a table. */
export function commentSql(index: string): string {
  return `obj_description(to_regclass(${quoteLiteral(quoteIndex(index))}), 'pg_class')`
}

/**
 * SQL, one statement, that makes the table or brings it up to the settings; a table that has them is only looked at. What
 * is searched is a generated column: it follows from the document, so other settings need no record to be sent again, and
 * cost a rewrite of the table.
 */
export function setUpSql(index: string, settings: PostgresSettings): string {
  const table = quoteIndex(index)
  const comment = quoteLiteral(tableComment(settings))
  return `do $writeback$
begin
  if ${commentSql(index)} = ${comment} then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(${quoteLiteral(`writeback search ${table}`)}, 0));
  -- A session hears of what others made while it waited as it opens a table, not as it gets the lock.
  perform 1 from pg_catalog.pg_ts_template limit 0;
  if to_regclass(${quoteLiteral(table)}) is null then
    create table ${table} (
      id text collate "C" primary key,
      version bigint not null,
      document jsonb,
      removed_at timestamptz
    );
    create index on ${table} (removed_at) where removed_at is not null;
  elsif coalesce(${commentSql(index)}, '') not like '{"writeback":%' then
    raise exception 'table % exists, and was not made by writeback', ${quoteLiteral(index)} using errcode = '${FOREIGN_TABLE}';
  elsif ${commentSql(index)} = ${comment} then
    return;
  end if;
  alter table ${table} drop column if exists search;
  alter table ${table} add column search tsvector generated always as (${vectorSql(settings)}) stored;
  create index on ${table} using gin (search);
  comment on table ${table} is ${comment};
end
$writeback$`
}

function vectorSql({ language, weights, prefix }: PostgresSettings): string {
  const languages = prefix && language !== 'simple' ? [language, 'simple'] : [language]
  const parts = weights
    ? Object.entries(weights).map(([field, weight]) => [pathSql(field), weight] as const)
    : [['document', 'D'] as const]
  return languages.flatMap((one) => parts.map(([value, weight]) => partSql(one, value, weight))).join(' || ')
}

function partSql(language: string, value: string, weight: string): string {
  const vector = `jsonb_to_tsvector(${quoteLiteral(language)}::regconfig, coalesce(${value}, 'null'), '["string", "numeric"]')`
  return `setweight(${vector}, '${weight}')`
}

function pathSql(field: string): string {
  const path = field.split('.').map((name) => `"${name}"`)
  return `document #> ${quoteLiteral(`{${path.join(',')}}`)}`
}
