import { timesOf } from '../config/conflict.ts'
import type { RecordOfModel } from '../source/paging.ts'
import { ConflictStore } from '../targets/merge/conflicts.ts'
import type { ConflictNote } from '../targets/merge/decide-value.ts'
import { decimalOf } from '../targets/merge/decimal.ts'
import type { Settled } from '../targets/merge/settled.ts'
import { checkEdits } from './check-edits.ts'
import { decideEdit } from './decide-edit.ts'
import { WRITTEN_OVER } from './edit.ts'
import type { EditableField } from './edit-rules.ts'
import type { DecidedEdit, KnownRecord, PendingEdit } from './edit-store.ts'
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
import { type Refusal, refusal } from './refusal.ts'
import { spareOwnJob } from './spare-own-job.ts'

/** An edit of a value that is to be written. */
interface Write {
  readonly edit: PendingEdit
  readonly field: EditableField
  readonly value: unknown
}

/** What a pass over the edits of a record has found. */
class Findings {
  readonly decided: DecidedEdit[] = []
  readonly forgotten: string[] = []
  readonly bases: Record<string, unknown> = {}
  readonly conflicts: ConflictNote[] = []
  /** The edits whose values were written. */
  written: readonly PendingEdit[] = []
  /** Whether the place shows something else than it should from now on. */
  differs = false
}

/**
 * Applies edits of values of a record, which is locked with its base and the edits.
 *
 * @param known reasons against some of the edits that were found before, by the edit's id: the database refused them
 */
export async function applyChanges(
  work: RecordWork,
  record: RecordOfModel,
  base: KnownRecord | undefined,
  edits: readonly PendingEdit[],
  known: ReadonlyMap<string, Refusal>,
): Promise<EditTally> {
  const found = new Findings()
  const writes: Write[] = []
  for (const edit of edits) {
    const field = work.rules.fields.find(({ header }) => header === edit.column)
    if (field === undefined) {
      found.decided.push({ id: edit.id, state: 'lost', reason: 'the column cannot be changed any more' })
      found.bases[edit.column] = edit.shown
      found.differs = true
      continue
    }
    // What the cell shows is nobody's: a call of the library's has gone over it, and it is written again.
    if (base !== undefined && !Object.hasOwn(base.base, edit.column)) {
      found.decided.push({ id: edit.id, state: 'lost', reason: WRITTEN_OVER })
      found.differs = true
      continue
    }
    const refused = known.get(edit.id)
    if (refused) refuse(found, record, base, { edit, field }, refused)
    else judge(work, found, writes, record, base, { edit, field })
  }
  await write(work, found, writes, record, base)
  if (found.conflicts.length > 0) {
    const conflicts = new ConflictStore(work.config.schemas.library, work.rules.words.place)
    const notes = found.conflicts.map((note) => ({ id: work.id, note }))
    await conflicts.save(work.sql, work.target.name, notes)
  }
  await work.store.settle(work.sql, work.target.name, work.id, found)
  if (found.differs) await publishRecord(work, edits)
  else await spareOwnJob(work, found.written, base, found.bases)
  return tallyOf(found.decided, found.forgotten.length)
}

function judge(
  { rules }: RecordWork,
  found: Findings,
  writes: Write[],
  record: RecordOfModel,
  base: KnownRecord | undefined,
  { edit, field }: Omit<Write, 'value'>,
): void {
  const value = record[field.field]
  const times = timesOf(field.strategy)
  const changedAt = times && record[times.field]
  const decision = decideEdit({
    ...{ edit, field, words: rules.words },
    agreed: agreedIn(base, edit),
    current: shown(field, value, edit.zone),
    value: plain(field, value, edit.zone),
    changedAt: changedAt instanceof Date ? changedAt : null,
  })
  if ('conflict' in decision && decision.conflict) found.conflicts.push(decision.conflict)
  switch (decision.take) {
    case 'nothing':
      found.forgotten.push(edit.id)
      break
    case 'agreed':
      found.forgotten.push(edit.id)
      found.bases[edit.column] = edit.shown
      break
    case 'write':
      writes.push({ edit, field, value: decision.value })
      break
    case 'database':
      // As if both had agreed on what the place shows: the next batch writes the database's value over it.
      found.decided.push({ id: edit.id, state: 'lost', reason: decision.reason })
      found.bases[edit.column] = edit.shown
      found.differs = true
      break
    case 'nobody':
      refuse(found, record, base, { edit, field }, decision.refusal)
  }
}

/** Runs the checks and writes what they leave, in one update. */
async function write(
  work: RecordWork,
  found: Findings,
  writes: readonly Write[],
  record: RecordOfModel,
  base: KnownRecord | undefined,
): Promise<void> {
  if (writes.length === 0) return
  const all = writes.map(({ edit }) => edit)
  const zone = all[0]?.zone ?? ''
  const checked = await checkEdits({
    ...{ rules: work.rules, record },
    current: Object.fromEntries(
      work.rules.fields.map((field) => [field.field, plain(field, record[field.field], zone)]),
    ),
    changes: Object.fromEntries(writes.map(({ field, value }) => [field.field, value])),
    given: { kind: 'change', tx: work.tx as never, context: contextOf(work, all) },
  })
  for (const one of writes) {
    const refused = checked.refused.get(one.field.field)
    if (refused) refuse(found, record, base, one, refused)
  }
  const left = writes.filter(({ field }) => Object.hasOwn(checked.values, field.field))
  if (left.length === 0) return
  const select = Object.fromEntries(left.map(({ field }) => [field.field, true]))
  const update = { where: whereOf(work), data: checked.values, select }
  const edits = left.map(({ edit }) => edit)
  found.written = edits
  const written = await writing(work, edits, () => delegateOf(work).update(update))
  for (const { edit, field } of left) {
    assertWhole(edit, checked.values[field.field], written[field.field])
    const before = shown(field, record[field.field], edit.zone)
    const after = shown(field, written[field.field], edit.zone)
    found.decided.push({ id: edit.id, state: 'applied', before, after })
    found.bases[edit.column] = edit.shown
    if (!field.same(after, edit.shown)) found.differs = true
  }
}

/** Something against one edit that was found when all of them had been written. */
export class EditUnwritable extends Error {
  readonly edit: PendingEdit
  readonly refusal: Refusal

  constructor(edit: PendingEdit, why: Refusal) {
    super('an edit cannot be written as it is')
    this.edit = edit
    this.refusal = why
  }
}

/** Postgres rounds a number to the places that its column has, in silence. */
function assertWhole(edit: PendingEdit, given: unknown, written: unknown): void {
  if (typeof written !== 'object' || written === null || !('toFixed' in written)) return
  const [a, b] = [decimalOf(given), decimalOf(written)]
  if (a === undefined || b === undefined || (a.units === b.units && a.digits === b.digits)) return
  throw new EditUnwritable(edit, refusal('EDIT_INVALID', 'has more decimal places than are kept'))
}

/** The place keeps what was typed, until either side changes. */
function refuse(
  found: Findings,
  record: RecordOfModel,
  base: KnownRecord | undefined,
  { edit, field }: Omit<Write, 'value'>,
  { code, reason }: Refusal,
): void {
  const { shown: kept, zone } = edit
  const from = agreedIn(base, edit)
  const over = shown(field, record[field.field], zone)
  found.decided.push({ id: edit.id, state: 'refused', code, reason, before: over })
  found.bases[edit.column] = { kept, over: over ?? null, seen: kept, from } satisfies Settled<unknown>
  found.differs = true
}

/** What place and database have agreed on by now, as the place shows it. */
function agreedIn(known: KnownRecord | undefined, edit: PendingEdit): unknown {
  // Of a call whose end is not known, whoever found the edit has seen what came of it.
  if (known === undefined || known.intended.has(edit.column)) return edit.base ?? null
  const base = known.base[edit.column]
  return typeof base === 'object' && base !== null && 'kept' in base
    ? (base as unknown as Settled<unknown>).from
    : base
}

/** What the place shows of a value; undefined for one that it cannot show. */
function shown(field: EditableField, value: unknown, zone: string): unknown {
  try {
    return field.show(value ?? null, zone)
  } catch {
    return undefined
  }
}

/** A value of a record in the form in which edits are read: a Decimal of Prisma's is an object, alone and in lists. */
export function plain(field: EditableField, value: unknown, zone: string): unknown {
  const one: unknown = Array.isArray(value) ? value[0] : value
  if (typeof one !== 'object' || one === null || !('toFixed' in one)) return value
  const read = field.read(shown(field, value, zone), zone)
  return 'value' in read ? read.value : value
}
