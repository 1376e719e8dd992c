import type { Schemas } from '../config/schemas.ts'
import { quoteLiteral, quoteTable } from '../database/quote.ts'
import { PUBLISH_FUNCTION } from './publish-function.ts'
import { RELATED_FUNCTION } from './related-function.ts'

/*
 * Whether a database can take changes. Three states:
 *
 * - ready: the queue and the publishing functions are there, and every change is published.
 * - never installed: the release step has not run here. No target is registered, so each will be compared with its
 *   whole table when it is. A write needs no job: migrations that insert, seeds, restores and shadow databases pass.
 * - gone: targets are registered, and the queue or a function is missing. Nobody would compare anything, so that a
 *   write without its job would be lost: it is refused.
 */

/** The arbitrary number under which release steps take turns, and wait for the writes that passed before the first. */
export const INSTALL_LOCK = 7_305_118_042

/** SQL at the head of what a release step changes in the catalog: two that run at once take turns. */
export const LOCK_INSTALLATION = `do $$ begin perform pg_advisory_xact_lock(${INSTALL_LOCK}); end $$`

/**
 * SQL to be run between waiting for the lock and asking again. A session keeps what it knows of the catalog, also that a
 * function does not exist, and hears of changes as it opens a table, not as it gets an advisory lock. So it opens one:
 * a table that no transaction has open already, and of which it reads nothing.
 */
export const HEAR_OF_CHANGES = 'select 1 from pg_catalog.pg_ts_template limit 0'

/**
 * SQL that is true where changes can be published. The catalog is asked by functions that see it as it is now, whatever
 * the snapshot of the transaction is.
 */
export function isReadySql({ library, queue }: Schemas): string {
  const functions = [
    `${quoteTable(library, PUBLISH_FUNCTION)}(text,text,text,text[],text[],jsonb,integer)`,
    `${quoteTable(library, RELATED_FUNCTION)}(text,text,jsonb)`,
  ]
  return [
    ...functions.map((name) => `to_regprocedure(${quoteLiteral(name)}) is not null`),
    `to_regclass(${quoteLiteral(quoteTable(queue, 'queue'))}) is not null`,
  ].join(' and ')
}

/** Name of the library's table of registered targets, quoted. */
export function targetTable(schemas: Schemas): string {
  return quoteTable(schemas.library, 'sync_target')
}

/** What a refused write says: Prisma shows the message alone, so that the command is in it. */
export function goneMessage({ queue }: Schemas): string {
  return `prisma-writeback cannot queue a change: its queue in schema "${queue}", or a function of its own, is gone from this database. Run "writeback migrate"`
}
