import { isEditRefused } from './edit-refused.ts'
import type { CheckAnswer, CheckContext, EditRules, StandardResult } from './edit-rules.ts'
import { type Refusal, refusal } from './refusal.ts'

/** Values that are to be written, by field. */
export type Changes = Readonly<Record<string, unknown>>

/** What the checks left of some changes. */
export interface Checked {
  readonly values: Changes
  readonly refused: ReadonlyMap<string, Refusal>
}

/** What is checked. */
export interface CheckCase {
  readonly rules: Pick<EditRules, 'fields' | 'validate' | 'check'>
  /** The record as it is; null for one that is to be made. */
  readonly record: object | null
  /** The editable fields of the record as they are, as edits are read. */
  readonly current: Changes
  readonly changes: Changes
  readonly given: CheckContext
}

/**
 * Runs the checks of a target over changes of a record: its schema over the record as it would be, then `check`. What
 * they refuse is left out, and the rest is checked again without it.
 *
 * @throws whatever the checks throw, but for `EditRefused`
 */
export async function checkEdits({ rules, record, current, changes, given }: CheckCase): Promise<Checked> {
  const refused = new Map<string, Refusal>()
  let left = changes
  for (;;) {
    if (Object.keys(left).length === 0) return { values: left, refused }
    const { values, no } = await validated(rules, { ...current, ...left }, left, record === null)
    if (no.size === 0) add(no, left, refused, await answerOf(rules, record, values, given))
    if (no.size === 0) return { values, refused }
    for (const [field, why] of no) refused.set(field, why)
    left = Object.fromEntries(Object.entries(left).filter(([field]) => !no.has(field)))
  }
}

async function validated(
  { fields, validate }: CheckCase['rules'],
  whole: Changes,
  changes: Changes,
  isNew: boolean,
): Promise<{ values: Changes; no: Map<string, Refusal> }> {
  const no = new Map<string, Refusal>()
  if (validate === undefined) return { values: changes, no }
  const result: StandardResult = await validate['~standard'].validate(whole)
  for (const { message, path } of result.issues ?? []) {
    const [first] = path ?? []
    const key = typeof first === 'object' ? first.key : first
    const isChange = typeof key === 'string' && Object.hasOwn(changes, key)
    // Of a field that nobody changed, or of none: it is about all of them.
    for (const field of isChange ? [key] : Object.keys(changes))
      if (!no.has(field)) no.set(field, refusal('EDIT_INVALID', message))
  }
  if (result.issues !== undefined) return { values: changes, no }
  const output = (typeof result.value === 'object' ? result.value : null) as Changes | null
  const values: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(changes)) {
    const made = output !== null && Object.hasOwn(output, field) ? output[field] : value
    if (made !== undefined) values[field] = made
    // Prisma writes nothing for undefined. What is left is an empty cell: a new record has its defaults for it.
    else if (!isNew) {
      const read = fields.find((one) => one.field === field)?.read(null, '') ?? { value: null }
      if ('value' in read) values[field] = read.value
      else no.set(field, refusal('EDIT_INVALID', read.refused))
    }
  }
  return { values, no }
}

async function answerOf(
  { check }: CheckCase['rules'],
  record: object | null,
  values: Changes,
  given: CheckContext,
): Promise<CheckAnswer> {
  try {
    return await check?.(record as never, values as never, given)
  } catch (error) {
    if (isEditRefused(error)) return error.reasons
    throw error
  }
}

/** What `check` answered: a reason for all, or reasons by field; one of a field that nobody changed is for all. */
function add(
  no: Map<string, Refusal>,
  changes: Changes,
  refused: ReadonlyMap<string, Refusal>,
  answer: CheckAnswer,
): void {
  const reasons = typeof answer === 'string' ? { '': answer } : (answer ?? {})
  for (const [name, reason] of Object.entries(reasons)) {
    // One that was left out is said again by a check that looks at the record alone.
    if (typeof reason !== 'string' || reason.trim() === '' || refused.has(name)) continue
    for (const field of Object.hasOwn(changes, name) ? [name] : Object.keys(changes))
      if (!no.has(field)) no.set(field, refusal('EDIT_REFUSED', reason))
  }
}

/** What `check` says of a record that is to go. */
export async function checkRemoval(
  rules: CheckCase['rules'],
  record: object,
  given: CheckContext,
): Promise<Refusal | undefined> {
  const answer = await answerOf(rules, record, {}, given)
  const reasons = typeof answer === 'string' ? [answer] : Object.values(answer ?? {})
  const reason = reasons.filter((one) => typeof one === 'string' && one.trim() !== '').join('; ')
  return reason === '' ? undefined : refusal('EDIT_REFUSED', reason)
}
