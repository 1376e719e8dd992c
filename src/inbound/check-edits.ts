import { isEditRefused } from './edit-refused.ts'
import type {
  CheckAnswer,
  CheckContext,
  EditRules,
  EditSchema,
  SchemaIssue,
  StandardResult,
} from './edit-rules.ts'
import { type Refusal, refusal } from './refusal.ts'

/** Values that are to be written, by field. */
export type Changes = Readonly<Record<string, unknown>>

/** What the checks left of some changes. */
export interface Checked {
  readonly values: Changes
  readonly refused: ReadonlyMap<string, Refusal>
  /** Every reason once, with the column that it is about: what is said of a record that is not made. */
  readonly said: readonly string[]
}

/** What is checked. */
export interface CheckCase {
  readonly rules: Pick<EditRules, 'fields' | 'validate' | 'check'>
  /** The record as it is; null for one that is to be made. */
  readonly record: object | null
  /** The editable fields of the record as they are, as edits are read; of one that is to be made, its empty cells. */
  readonly current: Changes
  readonly changes: Changes
  readonly given: CheckContext
}

/** A reason against changes. */
interface Objection {
  readonly code: Refusal['code']
  /** The field that it is about; one that nobody changed, or none of the model's, is about all changes. */
  readonly field: string
  /** What people call the field; undefined for a reason about no column. */
  readonly name: string | undefined
  readonly reason: string
}

/**
 * Runs the checks of a target over changes of a record: its schema over the record as it would be, then `check`. What
 * they refuse is left out, and the rest is checked again without it. Of a record that is to be made nothing is left then.
 *
 * @throws whatever the checks throw, but for `EditRefused`
 */
export async function checkEdits({ rules, record, current, changes, given }: CheckCase): Promise<Checked> {
  const refused = new Map<string, Refusal>()
  const said = new Set<string>()
  let left = changes
  for (;;) {
    if (Object.keys(left).length === 0) return { values: left, refused, said: [...said] }
    const { values, against } = await validated(rules, current, left, record === null)
    if (against.length === 0) {
      const answer = objectionsOf(await answerOf(rules, record, values, given), rules)
      // One that was left out is said again by a check that looks at the record alone.
      against.push(...answer.filter(({ field }) => !refused.has(field)))
    }
    if (against.length === 0) return { values, refused, said: [...said] }
    refuse(against, left, refused, said)
    if (record === null) return { values: {}, refused, said: [...said] }
    left = Object.fromEntries(Object.entries(left).filter(([field]) => !refused.has(field)))
  }
}

/** Refuses changes: a reason of their own comes before one that is about all of them. */
function refuse(
  against: readonly Objection[],
  changes: Changes,
  refused: Map<string, Refusal>,
  said: Set<string>,
): void {
  const isOwn = ({ field }: Objection) => Object.hasOwn(changes, field)
  for (const { field, code, ...one } of against.filter(isOwn)) {
    if (refused.has(field)) continue
    refused.set(field, refusal(code, one.reason))
    said.add(named(one))
  }
  for (const { code, ...one } of against.filter((other) => !isOwn(other))) {
    said.add(named(one))
    for (const field of Object.keys(changes))
      if (!refused.has(field)) refused.set(field, refusal(code, named(one)))
  }
}

function named({ name, reason }: Pick<Objection, 'name' | 'reason'>): string {
  return name === undefined ? reason : `${name}: ${reason}`
}

function headerOf({ fields }: CheckCase['rules'], name: string): string | undefined {
  return fields.find(({ field }) => field === name)?.header
}

async function validated(
  rules: CheckCase['rules'],
  current: Changes,
  changes: Changes,
  isNew: boolean,
): Promise<{ values: Changes; against: Objection[] }> {
  const { validate } = rules
  if (validate === undefined) return { values: changes, against: [] }
  const invalid = (field: string, reason: string): Objection => ({
    ...{ code: 'EDIT_INVALID', field, reason },
    // What no column shows keeps its name: whoever wrote the schema knows it.
    name: headerOf(rules, field) ?? (field || undefined),
  })
  let result: StandardResult
  try {
    result = await askOfRecord(validate, current, changes)
  } catch (error) {
    return { values: changes, against: thrownObjections(error, rules) }
  }
  if (result.issues !== undefined)
    return { values: changes, against: result.issues.map((issue) => invalid(fieldOf(issue), issue.message)) }
  const output = (typeof result.value === 'object' ? result.value : null) as Changes | null
  const values: Record<string, unknown> = {}
  const against: Objection[] = []
  for (const [field, value] of Object.entries(changes)) {
    const made = output !== null && Object.hasOwn(output, field) ? output[field] : value
    if (made !== undefined) values[field] = made
    // Prisma writes nothing for undefined. What is left is an empty cell: a new record has its defaults for it.
    else if (!isNew) {
      const read = rules.fields.find((one) => one.field === field)?.read(null, '') ?? { value: null }
      if ('value' in read) values[field] = read.value
      else against.push(invalid(field, read.refused))
    }
  }
  return { values, against }
}

/**
 * Asks a schema about the record as it would be. A null that nobody changed, in a field in which the schema takes none at
 * all, is left out: `.optional()` means a field that may be empty.
 */
async function askOfRecord(schema: EditSchema, current: Changes, changes: Changes): Promise<StandardResult> {
  const whole = { ...current, ...changes }
  const result = await ask(schema, whole)
  const nulls = (result.issues ?? []).filter((issue) => {
    const field = fieldOf(issue)
    return !Object.hasOwn(changes, field) && current[field] === null
  })
  if (nulls.length === 0) return result
  // A rule over several fields is another matter: it does not mind the null alone.
  const alone = await ask(schema, Object.fromEntries(nulls.map((issue) => [fieldOf(issue), null]))).catch(
    // Made for whole records alone: what it said stands.
    () => ({ issues: [] }),
  )
  const untaken = new Set(
    nulls
      .filter((issue) =>
        alone.issues?.some((one) => fieldOf(one) === fieldOf(issue) && one.message === issue.message),
      )
      .map(fieldOf),
  )
  if (untaken.size === 0) return result
  return await ask(schema, Object.fromEntries(Object.entries(whole).filter(([field]) => !untaken.has(field))))
}

/** What zod has beside the standard interface. */
interface ZodLike {
  safeParseAsync(value: unknown): Promise<{
    readonly data?: unknown
    readonly error?: { readonly issues: readonly SchemaIssue[] } | undefined
  }>
}

/**
 * Asks a schema. Zod's standard interface starts asynchronous rules twice and forgets the first run: a rule that throws
 * would end the process as an unhandled rejection.
 */
async function ask(schema: EditSchema & Partial<ZodLike>, value: unknown): Promise<StandardResult> {
  if (typeof schema.safeParseAsync !== 'function') return await schema['~standard'].validate(value)
  const { data, error } = await schema.safeParseAsync(value)
  return error === undefined ? { value: data } : { issues: error.issues }
}

/** The field that an issue is about; an empty text for one about the whole. */
function fieldOf({ path }: SchemaIssue): string {
  const [first] = path ?? []
  const key = typeof first === 'object' ? first.key : first
  return typeof key === 'string' ? key : ''
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

/** What an answer has against changes: one reason, or reasons by field. */
function objectionsOf(answer: CheckAnswer, rules: CheckCase['rules']): Objection[] {
  const reasons = typeof answer === 'string' ? { '': answer } : (answer ?? {})
  return Object.entries(reasons).flatMap(([field, reason]) =>
    typeof reason !== 'string' || reason.trim() === ''
      ? []
      : [{ code: 'EDIT_REFUSED' as const, field, name: headerOf(rules, field), reason }],
  )
}

/** What an `EditRefused` has against changes, be it without a reason. @throws any other error */
function thrownObjections(error: unknown, rules: CheckCase['rules']): Objection[] {
  if (!isEditRefused(error)) throw error
  const against = objectionsOf(error.reasons, rules)
  return against.length > 0 ? against : objectionsOf('is refused', rules)
}

/**
 * The refusal that an `EditRefused` stands for where it is about everything at once.
 *
 * @throws any other error
 */
export function thrownRefusal(error: unknown, rules: CheckCase['rules']): Refusal {
  return refusal('EDIT_REFUSED', thrownObjections(error, rules).map(named).join('; '))
}

/** What `check` says of a record that is to go. */
export async function checkRemoval(
  rules: CheckCase['rules'],
  record: object,
  given: CheckContext,
): Promise<Refusal | undefined> {
  const against = objectionsOf(await answerOf(rules, record, {}, given), rules)
  return against.length === 0 ? undefined : refusal('EDIT_REFUSED', against.map(named).join('; '))
}
