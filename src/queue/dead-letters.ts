import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { QUEUES } from './queue-names.ts'

/*
 * A dead letter says that a record cannot be written. pg-boss makes one for every job that dies, so here is what keeps
 * them true: a record has one that is open, and none once it is written. "Open" is what pg-boss calls queued.
 */

/** Records of one target. */
export interface TargetRecords {
  readonly target: string
  /** Ids of the records. */
  readonly records: readonly string[]
}

/** What was found when all open dead letters were looked through. */
export interface Sweep {
  /** Dead letters that a newer one of the same record says again. */
  readonly repeated: number
  /** Dead letters whose record was written after them. */
  readonly settled: number
}

/** Why they are settled, in the audit. */
const WRITTEN = 'a later job brought the record up to date'

/** SQL of the open dead letters `d`. The conditions are those of pg-boss's index of queued jobs. */
const OPEN = `d.name = '${QUEUES.writeBackDead}' and d.state < 'active' and not d.blocked`

/**
 * Settles the dead letters of records that a job has just brought up to date, or a comparison has found to be, and writes
 * down in `sync_audit` that it did.
 *
 * @param before where a comparison has, when it began, by the database's clock: dead letters made since are left alone
 * @returns how many
 */
export async function settleDeadLetters(
  sql: Sql,
  schemas: Schemas,
  { target, records }: TargetRecords,
  before?: string,
): Promise<number> {
  if (records.length === 0) return 0
  // Asked with every batch, and nearly always without an answer: a cheap question first.
  const found = await sql.query<{ id: string }>(
    `select d.id from ${quoteTable(schemas.queue, 'job')} d
     where ${OPEN} and d.group_tier = $1 and d.data->>'id' = any ($2)
       and d.created_on < coalesce($3::timestamptz, 'infinity')`,
    [target, records, before ?? null],
  )
  if (found.length === 0) return 0
  const reason = before === undefined ? WRITTEN : 'a comparison found the record up to date'
  return await settle(sql, schemas, { actor: 'worker', reason }, 'd.id = any ($3::uuid[])', [
    found.map(({ id }) => id),
  ])
}

/** Takes back the open dead letters of records that are about to get a new one. */
export async function replaceDeadLetters(
  sql: Sql,
  schemas: Schemas,
  { target, records }: TargetRecords,
): Promise<void> {
  if (records.length === 0) return
  const job = quoteTable(schemas.queue, 'job')
  await sql.query(
    `with due as (
       select d.name, d.id from ${job} d
       where ${OPEN} and d.group_tier = $1 and d.data->>'id' = any ($2) for update skip locked
     )
     delete from ${job} d using due where d.name = due.name and d.id = due.id`,
    [target, records],
  )
}

/**
 * Looks through all open dead letters: for those that pg-boss itself has made (of jobs that were lost at their last
 * attempt), and for those of versions that left them behind.
 *
 * A row that was stored after a dead letter was made is of a batch after the one in which the record could not be
 * written, for one worker at a time writes a spreadsheet.
 */
export async function sweepDeadLetters(sql: Sql, schemas: Schemas): Promise<Sweep> {
  const job = quoteTable(schemas.queue, 'job')
  const repeated = await sql.query(
    `with known as (
       select d.id, row_number() over (
         partition by d.group_tier, d.data->>'model', d.data->>'id' order by d.created_on desc, d.id
       ) as place
       from ${job} d where ${OPEN} and d.group_tier is not null and d.data->>'id' is not null
     )
     delete from ${job} d using known where ${OPEN} and d.id = known.id and known.place > 1 returning 1`,
  )
  const settled = await settle(
    sql,
    schemas,
    { actor: 'recovery', reason: WRITTEN },
    `exists (
       select from ${quoteTable(schemas.library, 'sync_record')} r
       where r.target = d.group_tier and r.record_key = d.data->>'id' and r.written_at > d.created_on
     )`,
    [],
  )
  return { repeated: repeated.length, settled }
}

/** Settles those for which a condition holds, and writes it down for each target, in one statement. */
async function settle(
  sql: Sql,
  schemas: Schemas,
  { actor, reason }: { readonly actor: string; readonly reason: string },
  condition: string,
  values: readonly unknown[],
): Promise<number> {
  const job = quoteTable(schemas.queue, 'job')
  const [row] = await sql.query<{ count: number }>(
    `with due as (
       select d.name, d.id from ${job} d where ${OPEN} and ${condition} for update skip locked
     ), settled as (
       update ${job} d set state = 'completed', completed_on = now(), output = jsonb_build_object('change', 'settled')
       from due where d.name = due.name and d.id = due.id
       returning d.id, d.group_tier as target, d.data->>'id' as record
     ), told as (
       insert into ${quoteTable(schemas.library, 'sync_audit')} (actor, action, target, subject)
       select $1, 'settle', target, jsonb_build_object('jobs', jsonb_agg(id), 'records', jsonb_agg(distinct record),
         'reason', $2::text)
       from settled group by target
     )
     select count(*)::int as count from settled`,
    [actor, reason, ...values],
  )
  return row?.count ?? 0
}
