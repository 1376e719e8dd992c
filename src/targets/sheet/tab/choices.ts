import { createHash } from 'node:crypto'
import type { Field, RelationField } from '../../../model/data-model.ts'
import type { RecordReader } from '../../../source/record-reader.ts'
import type { Mapping } from './mapping.ts'

/** A drop-down that is longer is no help, and would have to be kept up to date all the time. */
const MAX_CHOICES = 100

/** What was read is good for so long, in milliseconds: batches come many times a second. */
const GOOD_FOR_MS = 60_000

/** What people may choose in columns of foreign keys, by header; null where that is too much, or nothing. */
export type Choices = ReadonlyMap<string, readonly string[] | null>

/** A fingerprint of a list. */
export function fingerprint(list: readonly string[] | null): string | null {
  return list && createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 16)
}

/**
 * The relation that a writable column is the foreign key of; undefined for any other column. One of several fields tells
 * only together with the others what it may be.
 * @param at index of the column among the mapping's
 */
export function relationOf({ model, target, columns }: Mapping, at: number): RelationField | undefined {
  const field = target.columns[at]?.field
  if (field === undefined || !columns[at]?.isWritable) return undefined
  return Object.values(model.fields).find(
    (one: Field): one is RelationField =>
      one.kind === 'relation' && one.from.length === 1 && one.to.length === 1 && one.from[0] === field,
  )
}

/**
 * Reads what people may choose, unless that was done a moment ago. Where it cannot be read, drop-downs stay as they are: they
 * are a help, and no reason to write nothing.
 */
export async function refreshChoices(
  reader: Pick<RecordReader, 'values'>,
  mapping: Mapping,
  memory: { choices: Choices | undefined; choicesAt: number },
): Promise<void> {
  if (!mapping.target.edits?.help || performance.now() - memory.choicesAt < GOOD_FOR_MS) return
  memory.choicesAt = performance.now()
  memory.choices = await readChoices(reader, mapping).catch(() => memory.choices)
}

async function readChoices(reader: Pick<RecordReader, 'values'>, mapping: Mapping): Promise<Choices> {
  const found = mapping.columns.map(async ({ header }, at) => {
    const relation = relationOf(mapping, at)
    if (relation === undefined || reader.values === undefined) return []
    const values = await reader.values(relation.type, relation.to[0] as string, MAX_CHOICES + 1)
    return [[header, listOf(values)] as const]
  })
  return new Map((await Promise.all(found)).flat())
}

function listOf(values: readonly unknown[]): readonly string[] | null {
  if (values.length === 0 || values.length > MAX_CHOICES) return null
  const isPlain = values.every((value) => ['string', 'number', 'bigint'].includes(typeof value))
  const texts = values.map(String)
  // The values of a rule are read as if they were typed: these would be formulas.
  return isPlain && texts.every((text) => text !== '' && !/^[=+]/.test(text)) ? texts : null
}
