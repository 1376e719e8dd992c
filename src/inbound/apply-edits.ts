import type { SeamClient } from '../capture/extension/seam.ts'
import type { WritebackConfig } from '../config/define-config.ts'
import { isThenable } from '../config/describe.ts'
import type { Sql } from '../database/sql.ts'
import { WritebackError } from '../errors.ts'
import { assertIdentifiable } from '../model/record-id.ts'
import type { Target } from '../model/target.ts'
import { publishStatement } from '../queue/publish.ts'
import { lockRowSql } from '../source/table-lookup.ts'
import { applyChanges, EditUnwritable } from './apply-changes.ts'
import { applyCreate } from './apply-create.ts'
import { applyRemove, DELETED } from './apply-remove.ts'
import { refusalOfDatabase } from './database-refusal.ts'
import type { EditRules } from './edit-rules.ts'
import { EditStore, type PendingEdit } from './edit-store.ts'
import { type EditTally, NO_EDITS, type RecordWork, readRecord, sum, tallyOf } from './record-work.ts'
import { type Refusal, refusal } from './refusal.ts'
import { retryFreed } from './retry-edits.ts'
import { inEditTransaction } from './transaction.ts'

/** What edits are applied with. */
export interface InboundContext {
  /** The application's client, extended by `writeback`: what it writes is published to all targets. */
  readonly client: SeamClient
  /** A connection of the library's own. */
  readonly sql: Sql
  readonly config: WritebackConfig
}

/** Transactions over one record, at most: people type on while its edits are applied. */
const MAX_PASSES = 10

/** Edits that the database refused, by id, as they were then. */
type Refused = ReadonlyMap<string, { readonly shown: string; readonly why: Refusal }>

/** How an attempt ended: all is decided, or the database refused what was being written. */
type Attempt =
  | EditTally
  | { readonly failed: readonly PendingEdit[]; readonly why: Refusal; readonly error: unknown }

/**
 * Applies the edits of one record that wait, in one transaction: record, base and edits are locked, checked, written and
 * decided together, so that an edit has its effect once, whoever dies when.
 *
 * What the database refuses takes the transaction with it. Then every edit is tried alone, so that one does not block the
 * others; those that fail alone are refused in a transaction of their own, if they are still the same.
 *
 * @throws whatever is not an edit's fault: the caller tries again
 */
export async function applyEdits(
  context: InboundContext,
  target: Target,
  rules: EditRules,
  id: string,
): Promise<EditTally> {
  const refused = new Map<string, { shown: string; why: Refusal }>()
  let total = NO_EDITS
  for (let pass = 0; ; pass++) {
    const attempt = await attemptAll(context, target, rules, id, refused)
    if (!('failed' in attempt)) {
      total = sum(total, attempt)
      if (total.applied > 0) await retryFreed(context.sql, context.config.schemas, target.name, id)
      return total
    }
    if (pass >= MAX_PASSES) throw attempt.error
    const { failed, why } = attempt
    const [only] = failed
    if (failed.length === 1 && only) refused.set(only.id, { shown: JSON.stringify(only.shown), why })
    else {
      for (const edit of failed) {
        const alone = await attemptAll(context, target, rules, id, refused, edit.id)
        if ('failed' in alone) refused.set(edit.id, { shown: JSON.stringify(edit.shown), why: alone.why })
        else total = sum(total, alone)
      }
    }
  }
}

/** Refuses all edits of a record that wait, after the last attempt: the place is to say so. @returns how many */
export async function giveUp(
  { sql, config }: Pick<InboundContext, 'sql' | 'config'>,
  target: Target,
  id: string,
  code: string,
): Promise<number> {
  const why = refusal('EDIT_FAILED', `could not be saved; change it, or ask those who run this (${code})`)
  const refused = await new EditStore(config.schemas).refuseAll(sql, target.name, id, why)
  const changes = refused > 0 ? [{ model: target.model, id, operation: 'update' as const }] : []
  const statement = publishStatement(config.schemas, [target], changes, undefined)
  if (statement) await sql.query(statement.text, statement.values)
  return refused
}

/** @param only the one edit that is applied; else all */
async function attemptAll(
  context: InboundContext,
  target: Target,
  rules: EditRules,
  id: string,
  refused: Refused,
  only?: string,
): Promise<Attempt> {
  const { client, config, sql: outside } = context
  const model = assertIdentifiable(config.dataModel, target.model)
  let work: RecordWork | undefined
  try {
    return await inEditTransaction(client, async ({ tx, sql }) => {
      const store = new EditStore(config.schemas)
      work = { tx, sql, config, store, target, model, rules, id, writing: [] }
      return await applyAll(work, refused, only)
    })
  } catch (error) {
    if (error instanceof EditUnwritable) return { failed: [error.edit], why: error.refusal, error }
    const failed = work?.writing ?? []
    if (failed.length === 0) throw error
    const nameOf = (name: string) => rules.fields.find(({ field }) => field === name)?.header
    const removes = failed.some(({ kind }) => kind === 'remove')
    const why = await refusalOfDatabase(error, outside, model, nameOf, removes)
    if (why === undefined) throw error
    return { failed, why, error }
  }
}

async function applyAll(work: RecordWork, refused: Refused, only: string | undefined): Promise<EditTally> {
  const { sql, config, store, target, model, id } = work
  const locked = await store.lock(sql, target.name, id, lockRowSql(config.dataModel, model, id))
  const { exists, known } = locked
  const edits = locked.edits.filter((edit) => only === undefined || edit.id === only)
  if (edits.length === 0) return NO_EDITS
  // An edit that has changed since is another one.
  const why = new Map(
    edits.flatMap((edit) => {
      const before = refused.get(edit.id)
      return before?.shown === JSON.stringify(edit.shown) ? [[edit.id, before.why] as const] : []
    }),
  )
  const create = edits.find(({ kind }) => kind === 'create')
  if (create) return await applyCreate(work, create, exists, why.get(create.id))
  if (!exists) return await loseAll(work, edits, DELETED)

  const record = await readRecord(work)
  if (record === null) throw hidden(target)
  if (!isShown(target, record)) return await loseAll(work, edits, 'the record is not shown here any more')
  const [remove, ...changes] = edits.toSorted(
    (a, b) => Number(b.kind === 'remove') - Number(a.kind === 'remove'),
  )
  if (remove?.kind !== 'remove') return await applyChanges(work, record, known, edits, why)
  return await applyRemove(work, record, remove, changes, why.get(remove.id))
}

async function loseAll(
  { sql, store, target, id: record }: RecordWork,
  edits: readonly PendingEdit[],
  reason: string,
): Promise<EditTally> {
  // Whoever removed the entry of a record that is gone has what they wanted.
  const decided = edits.map(({ id, kind }) =>
    kind === 'remove' ? ({ id, state: 'applied' } as const) : ({ id, state: 'lost', reason } as const),
  )
  await store.settle(sql, target.name, record, { decided })
  return tallyOf(decided, 0)
}

function isShown({ filter }: Target, record: object): boolean {
  const answer: unknown = filter === undefined || filter(record as never)
  // The reader refuses such a filter, with words of its own: nothing is decided by it.
  return isThenable(answer) || Boolean(answer)
}

function hidden({ name, model }: Target): WritebackError {
  return new WritebackError('RECORDS_HIDDEN', {
    problem: `target "${name}": an edited record of ${model} is there, and the worker's Prisma client does not return it`,
    remedy: 'Give the worker a client without extensions that leave records out',
  })
}
