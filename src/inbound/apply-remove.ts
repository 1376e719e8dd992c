import type { RecordOfModel } from '../source/paging.ts'
import { checkRemoval } from './check-edits.ts'
import type { DecidedEdit, PendingEdit } from './edit-store.ts'
import {
  contextOf,
  delegateOf,
  type EditTally,
  publishRecord,
  type RecordWork,
  tallyOf,
  whereOf,
  writing,
} from './record-work.ts'
import type { Refusal } from './refusal.ts'

/** What is said of edits of a record that is not there any more. */
export const DELETED = 'the record was deleted'

/**
 * Deletes the record of an entry that a person removed. Where that is refused the entry comes back: what is known of it
 * stays, and the record is queued.
 *
 * @param others edits of the same record: they are lost with it
 * @param known why the database refused it before, if it did
 */
export async function applyRemove(
  work: RecordWork,
  record: RecordOfModel,
  edit: PendingEdit,
  others: readonly PendingEdit[],
  known: Refusal | undefined,
): Promise<EditTally> {
  const { rules, store, sql, target, id } = work
  const given = { kind: 'remove', tx: work.tx as never, context: contextOf(work, [edit]) } as const
  const why = known ?? (await checkRemoval(rules, record, given))
  if (why !== undefined) {
    const decided = [{ id: edit.id, state: 'refused', ...why }] as const
    await store.wantBack(sql, target.name, id)
    await store.settle(sql, target.name, id, { decided })
    await publishRecord(work, [edit])
    return tallyOf(decided, 0)
  }
  await writing(work, [edit], () => delegateOf(work).delete({ where: whereOf(work) }))
  const decided: DecidedEdit[] = [
    { id: edit.id, state: 'applied' },
    ...others.map((other) => ({ id: other.id, state: 'lost' as const, reason: DELETED })),
  ]
  await store.settle(sql, target.name, id, { decided })
  return tallyOf(decided, 0)
}
