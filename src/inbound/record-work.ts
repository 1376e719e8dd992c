import type { ChangeContext } from '../change/change.ts'
import { runWithContext } from '../change/context.ts'
import type { WritebackConfig } from '../config/define-config.ts'
import type { Sql } from '../database/sql.ts'
import type { Model } from '../model/data-model.ts'
import { delegateName } from '../model/delegate-name.ts'
import { decodeRecordId } from '../model/record-id.ts'
import type { Target } from '../model/target.ts'
import { publishStatement } from '../queue/publish.ts'
import { type RecordOfModel, uniqueWhere } from '../source/paging.ts'
import type { EditRules } from './edit-rules.ts'
import type { DecidedEdit, EditStore, PendingEdit } from './edit-store.ts'

/** The edits of one record in one transaction: what everything that applies them works with. */
export interface RecordWork {
  readonly tx: object
  readonly sql: Sql
  readonly config: WritebackConfig
  readonly store: EditStore
  readonly target: Target
  readonly model: Model
  readonly rules: EditRules
  readonly id: string
  /** Edits whose values are being written: what fails from then on is theirs. */
  writing: readonly PendingEdit[]
}

/** What became of the edits of a record. `forgotten`: they were none any more. */
export interface EditTally {
  readonly applied: number
  readonly refused: number
  readonly lost: number
  readonly forgotten: number
}

export const NO_EDITS: EditTally = { applied: 0, refused: 0, lost: 0, forgotten: 0 }

/** What became of some edits, counted. */
export function tallyOf(decided: readonly DecidedEdit[], forgotten: number): EditTally {
  const count = (state: DecidedEdit['state']) => decided.filter((one) => one.state === state).length
  return { applied: count('applied'), refused: count('refused'), lost: count('lost'), forgotten }
}

export function sum(a: EditTally, b: EditTally): EditTally {
  return {
    applied: a.applied + b.applied,
    refused: a.refused + b.refused,
    lost: a.lost + b.lost,
    forgotten: a.forgotten + b.forgotten,
  }
}

/** What is used of a model's delegate in a transaction. */
interface Delegate {
  findUnique(args: object): PromiseLike<RecordOfModel | null>
  create(args: object): PromiseLike<RecordOfModel>
  update(args: object): PromiseLike<RecordOfModel>
  delete(args: object): PromiseLike<RecordOfModel>
}

export function delegateOf({ tx, model }: RecordWork): Delegate {
  return (tx as Record<string, Delegate>)[delegateName(model.name)] as Delegate
}

/** The `where` of the record. */
export function whereOf({ model, config, id }: RecordWork): object {
  return uniqueWhere(model, decodeRecordId(model, id, config.dataModel.enums))
}

/** The record as the application's client gives it, with what the target includes. */
export async function readRecord(work: RecordWork): Promise<RecordOfModel | null> {
  const { rules } = work
  // An application may leave fields out of everything that it reads.
  const omit = Object.fromEntries(rules.fields.map(({ field }) => [field, false]))
  const include = rules.include === undefined ? {} : { include: rules.include }
  return await delegateOf(work).findUnique({ where: whereOf(work), omit, ...include })
}

/** Who the write is owed to. */
export function contextOf({ target }: RecordWork, edits: readonly PendingEdit[]): ChangeContext {
  const [first, ...others] = edits
  const editor = others.every((one) => one.editor === first?.editor) ? first?.editor : null
  return {
    ...(editor && { userId: editor }),
    origin: `${target.kind}:${target.name}`,
    correlationId: `edit-${first?.id}`,
  }
}

/** Writes with the edits' context. What fails in it, or when the transaction ends, is the edits' failure. */
export async function writing<Result>(
  work: RecordWork,
  edits: readonly PendingEdit[],
  write: () => PromiseLike<Result>,
): Promise<Result> {
  work.writing = edits
  return await runWithContext(contextOf(work, edits), write)
}

/** Queues the record for its own target: the place is to show what was decided. */
export async function publishRecord(work: RecordWork, edits: readonly PendingEdit[]): Promise<void> {
  const { sql, config, target, id } = work
  const changes = [{ model: target.model, id, operation: 'update' as const }]
  const statement = publishStatement(config.schemas, [target], changes, contextOf(work, edits))
  if (statement) await sql.query(statement.text, statement.values)
}
