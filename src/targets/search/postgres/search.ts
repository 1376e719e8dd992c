import { WritebackError } from '../../../errors.ts'
import type { SearchTarget } from '../target.ts'
import { type PostgresClient, rowsOf } from './client.ts'
import { type HighlightOptions, headlineSql, markUp } from './highlight.ts'
import { querySql } from './query.ts'
import { quoteIndex, tableName } from './settings.ts'
import { commentSql } from './table.ts'

/** What is searched for, and where. */
export interface SearchOptions<Document> {
  /** What people typed: words, `"a phrase"`, `or`, `-not`. Any text is a query. */
  readonly query: string
  /**
   * Documents that are returned, at most, 1 to 1,000.
   * @defaultValue 20
   */
  readonly limit?: number
  /**
   * Documents that are passed over.
   * @defaultValue 0
   */
  readonly offset?: number
  /**
   * Whether the last word may be the beginning of one.
   * @defaultValue true
   */
  readonly prefix?: boolean
  /** Texts to return with what was found marked in them. @defaultValue none */
  readonly highlight?: HighlightOptions<Document>
}

/** Where is searched: the target, which types the documents, or the name of its table. */
export type SearchIn<Document> =
  | { readonly target: SearchTarget<'postgres', Document> }
  | { readonly index: string }

/** A document that was found. */
export interface SearchHit<Document> {
  /** Id of the record. */
  readonly id: string
  readonly document: Document
  /** How well it fits, by `ts_rank_cd`: higher is better, comparable within one search. */
  readonly rank: number
  /** The texts that were asked for, as HTML: everything is escaped but the marks. */
  readonly highlights: Readonly<Record<string, string>>
}

/** What a search found. */
export interface SearchResult<Document> {
  /** Documents that fit, on this page and others. */
  readonly total: number
  /** The best first. */
  readonly hits: readonly SearchHit<Document>[]
}

interface Row {
  readonly total: number
  readonly id: string | null
  readonly document: string
  readonly rank: number
  readonly highlights: Readonly<Record<string, string | null>> | null
}

const MAX_LIMIT = 1_000

/**
 * Searches a table that a target with `engine: 'postgres'` fills.
 *
 * @param client a pool of pg, or what has its `query(text, values)`
 * @throws WritebackError `OPERATION_INVALID` for options that make no sense; and what the client throws
 * @example
 * const { total, hits } = await search(pool, { target: airports, query: 'berlin bra', highlight: { fields: ['name'] } })
 */
export async function search<Document = Readonly<Record<string, unknown>>>(
  client: PostgresClient,
  options: SearchIn<Document> & SearchOptions<Document>,
): Promise<SearchResult<Document>> {
  const { query, limit = 20, offset = 0, prefix = true, highlight } = options
  const index = tableName.safeParse('target' in options ? options.target.index : options.index)
  if (!index.success) throw invalid('index', 'the name of a table, or schema.table')
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw invalid('limit', `a whole number, 1 to ${MAX_LIMIT}`)
  if (!Number.isInteger(offset) || offset < 0) throw invalid('offset', 'a whole number, 0 or more')
  const table = quoteIndex(index.data)
  // Postgres takes no such character, and no text has it.
  const { sql, values } = querySql(query.replaceAll('\0', ' '), prefix)
  const headlines = highlight && headlineSql(highlight, values.length)
  const rows = await rowsOf<Row>(
    client,
    `with made as materialized (
       select (${commentSql(index.data)}::jsonb #>> '{writeback,language}')::regconfig as lang
     ), asked as materialized (
       select lang, ${sql} as query from made
     ), found as materialized (
       select id, ts_rank_cd(search, query) as rank from ${table}, asked where search @@ query
     ), page as (
       select * from found order by rank desc, id limit ${limit} offset ${offset}
     )
     select total::int, page.id, page.rank, document::text, ${headlines?.sql ?? 'null'} as highlights
     from (select count(*) as total from found) counted
     cross join asked
     left join (page join ${table} as t on t.id = page.id) on true
     order by page.rank desc, page.id`,
    [...values, ...(headlines?.values ?? [])],
  )
  return {
    total: rows[0]?.total ?? 0,
    hits: rows.flatMap(({ id, document, rank, highlights }) =>
      id === null
        ? []
        : [
            {
              id,
              document: JSON.parse(document) as Document,
              rank,
              highlights: markUp(highlights, highlight),
            },
          ],
    ),
  }
}

function invalid(option: string, expected: string): WritebackError {
  return new WritebackError('OPERATION_INVALID', { problem: `search: ${option}`, expected })
}
