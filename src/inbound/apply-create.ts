import { decodeRecordId } from '../model/record-id.ts'
import { checkEdits, thrownRefusal } from './check-edits.ts'
import type { PendingEdit } from './edit-store.ts'
import {
  contextOf,
  delegateOf,
  type EditTally,
  publishRecord,
  type RecordWork,
  tallyOf,
  writing,
} from './record-work.ts'
import { type Refusal, refusal } from './refusal.ts'

/**
 * Makes a record of an entry that a person added, with the id that the entry shows. The record, what is known of the
 * entry and the edit's end are one transaction: it is made once, whoever dies when.
 *
 * @param exists whether there is a record of that id: then the entry is its own, and nothing is to be made
 * @param known why the database refused it before, if it did
 */
export async function applyCreate(
  work: RecordWork,
  edit: PendingEdit,
  exists: boolean,
  known: Refusal | undefined,
): Promise<EditTally> {
  if (exists) {
    await work.store.settle(work.sql, work.target.name, work.id, { forgotten: [edit.id] })
    await publishRecord(work, [edit])
    return tallyOf([], 1)
  }
  const why = known ?? (await make(work, edit))
  const decided =
    why === undefined
      ? ({ id: edit.id, state: 'applied', after: edit.shown } as const)
      : ({ id: edit.id, state: 'refused', ...why } as const)
  await work.store.settle(work.sql, work.target.name, work.id, { decided: [decided] })
  // The reason is to stand beside the entry.
  if (why !== undefined) await publishRecord(work, [edit])
  return tallyOf([decided], 0)
}

/** @returns why it was not made */
async function make(work: RecordWork, edit: PendingEdit): Promise<Refusal | undefined> {
  const { rules, model, config, store, sql, target, id } = work
  const cells = (edit.shown ?? {}) as Readonly<Record<string, unknown>>
  const given: Record<string, unknown> = {}
  const problems: string[] = []
  for (const field of rules.fields) {
    const cell = cells[field.header] ?? null
    // An empty cell leaves the value to `defaults`, and to those of the schema.
    if (field.same(cell, null)) continue
    const read = field.read(cell, edit.zone)
    if ('value' in read) given[field.field] = read.value
    else problems.push(`${field.header}: ${read.refused}`)
  }
  if (problems.length > 0) return refusal('EDIT_INVALID', problems.join('; '))

  const isEmpty = Object.keys(given).length === 0
  if (isEmpty) return refusal('EDIT_INVALID', 'the row is empty')
  const checked = await checkEdits({
    ...{ rules, record: null, current: emptyOf(work, given, edit.zone), changes: given },
    given: { kind: 'create', tx: work.tx as never, context: contextOf(work, [edit]) },
  })
  const [first] = checked.refused.values()
  if (first !== undefined) return refusal(first.code, checked.said.join('; '))
  let defaults: object | undefined
  try {
    defaults = rules.defaults?.(checked.values as never)
  } catch (error) {
    return thrownRefusal(error, rules)
  }
  const data = { ...defaults, ...checked.values, ...decodeRecordId(model, id, config.dataModel.enums) }
  await writing(work, [edit], () => delegateOf(work).create({ data }))
  // What was empty is known to have been: whatever stands there by now was typed since.
  const base = Object.fromEntries(rules.fields.map(({ header }) => [header, cells[header] ?? null]))
  await store.addRecord(sql, target.name, id, base)
  return undefined
}

/** What a schema sees of the cells that are empty; nothing of a field that gets a value all the same. */
function emptyOf({ rules, model }: RecordWork, given: object, zone: string): Record<string, unknown> {
  if (rules.validate === undefined) return {}
  let defaults: Readonly<Record<string, unknown>> = {}
  try {
    defaults = { ...rules.defaults?.(given as never) }
  } catch {
    // They are made for values that have passed the checks, and are asked again with these.
  }
  const empty: Record<string, unknown> = {}
  for (const field of rules.fields) {
    const name = field.field
    if (Object.hasOwn(given, name) || defaults[name] !== undefined || model.fields[name]?.hasDefault) continue
    const read = field.read(null, zone)
    if ('value' in read) empty[name] = read.value
  }
  return empty
}
