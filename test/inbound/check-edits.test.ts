import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Changes, checkEdits } from '../../src/inbound/check-edits.ts'
import { EditRefused } from '../../src/inbound/edit-refused.ts'
import type { EditableField, EditRules, EditSchema } from '../../src/inbound/edit-rules.ts'

type Check = NonNullable<EditRules['check']>

/** A field whose header is its name in capitals; one that is called `key` cannot be empty. */
const editable = (field: string): EditableField => ({
  ...{ header: field.toUpperCase(), field, strategy: 'database-wins' },
  read: (value) => (value === null && field === 'key' ? { refused: 'cannot be empty' } : { value }),
  show: (value) => value,
  same: Object.is,
})
const FIELDS = ['a', 'b', 'c', 'from', 'to', 'name', 'key', 'comment', 'status'].map(editable)

interface Rules {
  readonly validate?: EditSchema
  readonly check?: (record: object, changes: Changes) => unknown
}

const checked = (
  changes: Changes,
  { validate, check }: Rules,
  current: Changes = {},
  record: object | null = { id: 1 },
) =>
  checkEdits({
    ...{ record, current, changes },
    rules: { fields: FIELDS, validate, check: check as Check | undefined },
    given: { kind: record === null ? 'create' : 'change', tx: {} as never, context: {} },
  })

const run = async (changes: Changes, rules: Rules, current?: Changes) => {
  const { values, refused } = await checked(changes, rules, current)
  return { values, refused: Object.fromEntries([...refused].map(([field, { reason }]) => [field, reason])) }
}

/** Why a record is not made. */
const notMade = async (changes: Changes, rules: Rules, current?: Changes) =>
  (await checked(changes, rules, current, null)).said

describe('a schema', () => {
  const range = z
    .object({ from: z.number(), to: z.number() })
    .refine(({ from, to }) => from <= to, { message: 'ends before it begins', path: ['to'] })

  test('sees the record as it would be', async () => {
    expect(await run({ from: 3 }, { validate: range }, { from: 1, to: 5 })).toEqual({
      values: { from: 3 },
      refused: {},
    })
    // It is about a field that nobody changed, so about the change.
    expect(await run({ from: 9 }, { validate: range }, { from: 1, to: 5 })).toEqual({
      ...{ values: {}, refused: { from: 'TO: ends before it begins' } },
    })
  })

  test('refuses what is wrong, and is asked again about the rest', async () => {
    expect(await run({ from: 2, to: 'x' }, { validate: range }, { from: 1, to: 5 })).toEqual({
      values: { from: 2 },
      refused: { to: expect.stringContaining('expected number') },
    })
  })

  test('may change values, and may leave fields out', async () => {
    const validate = z.object({ name: z.string().transform((text) => text.toUpperCase()) })
    expect(await run({ name: 'ada', other: 1 }, { validate })).toEqual({
      ...{ values: { name: 'ADA', other: 1 }, refused: {} },
    })
  })

  test('that makes undefined of a value empties the cell, where it may be empty', async () => {
    const text = z.string().transform((given) => given.trim() || undefined)
    expect(await run({ comment: ' ', name: 'b' }, { validate: z.object({ comment: text }) })).toEqual({
      values: { comment: null, name: 'b' },
      refused: {},
    })
    expect(await run({ key: ' ', name: 'b' }, { validate: z.object({ key: text }) }, { key: 'k' })).toEqual({
      values: { name: 'b' },
      refused: { key: 'cannot be empty' },
    })
  })

  test('may be asynchronous', async () => {
    const validate = z.object({ name: z.string().refine(async (text) => text !== 'x', 'is taken') })
    expect(await run({ name: 'x' }, { validate })).toEqual({ values: {}, refused: { name: 'is taken' } })
  })

  test('that takes no null for what nobody changed sees nothing there', async () => {
    const validate = z.object({ comment: z.string().optional(), a: z.number().max(9, 'is too much') })
    const now = { comment: null, a: 1, b: 1 }
    expect(await run({ a: 2 }, { validate }, now)).toEqual({ values: { a: 2 }, refused: {} })
    expect(await run({ a: 12, b: 2 }, { validate }, now)).toEqual({
      ...{ values: { b: 2 }, refused: { a: 'is too much' } },
    })
    expect(await notMade({ a: 2 }, { validate }, { comment: null })).toEqual([])
    // One that needs a value is not satisfied by none either.
    const needed = z.object({ comment: z.string('is needed') })
    expect(await run({ a: 2 }, { validate: needed }, now)).toMatchObject({
      refused: { a: 'COMMENT: is needed' },
    })
  })

  test('keeps a rule over several fields, one of which is null', async () => {
    const validate = z
      .object({ status: z.string(), comment: z.string().nullish() })
      .refine(({ status, comment }) => status !== 'BOOKED' || comment !== null, {
        ...{ message: 'say why', path: ['comment'] },
      })
    expect(await run({ status: 'BOOKED' }, { validate }, { status: 'NEW', comment: null })).toEqual({
      values: {},
      refused: { status: 'COMMENT: say why' },
    })
    expect(await notMade({ status: 'BOOKED' }, { validate }, { comment: null })).toEqual(['COMMENT: say why'])
  })

  test('may throw a refusal; anything else is its failure', async () => {
    let error: Error = new EditRefused('no')
    const refusing = z.string().transform(() => {
      throw error
    })
    const validate = z.object({ a: refusing, b: z.number() })
    expect(await run({ a: 'x', b: 1 }, { validate }, { a: 'w', b: 0 })).toEqual({
      ...{ values: {}, refused: { a: 'no', b: 'no' } },
    })
    error = new EditRefused({ a: 'not that', c: 'full' })
    expect(await run({ a: 'x', b: 1 }, { validate })).toEqual({
      ...{ values: {}, refused: { a: 'not that', b: 'C: full' } },
    })
    // A value that was not checked is not written, though nothing is said against it.
    error = new EditRefused(' ')
    expect(await run({ a: 'x' }, { validate })).toEqual({ values: {}, refused: { a: 'is refused' } })
    error = new TypeError('a bug')
    await expect(run({ a: 'x', b: 1 }, { validate })).rejects.toThrow('a bug')

    error = new EditRefused('no')
    const refining = z.object({
      a: z.string().refine(async () => {
        throw error
      }),
    })
    expect(await run({ a: 'x' }, { validate: refining })).toEqual({ values: {}, refused: { a: 'no' } })
    expect((await checked({ a: 'x' }, { validate })).refused.get('a')?.code).toBe('EDIT_REFUSED')
  })

  test('of another library is taken by its standard interface', async () => {
    const validate: EditSchema = {
      '~standard': {
        version: 1,
        validate: () => ({ issues: [{ message: 'no', path: [{ key: 'a' }] }] }),
      },
    }
    expect(await run({ a: 1, b: 2 }, { validate })).toMatchObject({ refused: { a: 'no' } })
  })
})

describe('a check', () => {
  test.each<[string, unknown, Record<string, string>]>([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['an empty text', ' ', {}],
    ['an empty object', {}, {}],
    ['a reason by field', { a: 'no' }, { a: 'no' }],
    ['a reason for all', 'closed', { a: 'closed', b: 'closed' }],
    ['a reason of a field that nobody changed', { c: 'too much' }, { a: 'C: too much', b: 'C: too much' }],
    ['a reason of no column', { total: 'too much' }, { a: 'too much', b: 'too much' }],
  ])('may answer %s', async (_what, answer, refused) => {
    const { values, refused: found } = await run({ a: 1, b: 2 }, { check: () => answer })
    expect(found).toEqual(refused)
    expect(Object.keys(values)).toEqual(['a', 'b'].filter((field) => !(field in refused)))
  })

  test('is asked again without what it refused, with what a schema made of the rest', async () => {
    const asked: Changes[] = []
    const check = (_: object, changes: Changes) => {
      asked.push(changes)
      return { a: 'no' }
    }
    const validate = z.object({ a: z.number(), b: z.coerce.number() })
    expect(await run({ a: 1, b: '2' }, { validate, check }, { a: 0 })).toEqual({
      values: { b: 2 },
      refused: { a: 'no' },
    })
    expect(asked).toEqual([{ a: 1, b: 2 }, { b: 2 }])
  })

  test('may throw a refusal; anything else is its failure', async () => {
    const refuse = (reasons: string | Record<string, string>) => () => {
      throw new EditRefused(reasons)
    }
    expect(await run({ a: 1, b: 2 }, { check: refuse({ b: 'no' }) })).toMatchObject({ refused: { b: 'no' } })
    expect(await run({ a: 1 }, { check: refuse('no') })).toMatchObject({ refused: { a: 'no' } })
    const broken = () => {
      throw new TypeError('a bug')
    }
    await expect(run({ a: 1 }, { check: broken })).rejects.toThrow('a bug')
  })

  test('that goes on for long is cut, in one line', async () => {
    const { refused } = await run({ a: 1 }, { check: () => 'word\n'.repeat(200) })
    expect(refused.a).toHaveLength(300)
    expect(refused.a).not.toContain('\n')
  })
})

describe('what is said of a record that is to be made', () => {
  const short = z.string().min(2, 'is too short')

  test('names the column of each reason, once', async () => {
    const validate = z.object({ a: short, b: short, c: short })
    expect(await notMade({ a: '', b: 'bb' }, { validate }, { c: '' })).toEqual([
      'A: is too short',
      'C: is too short',
    ])
    expect(await notMade({ a: '', b: '' }, { validate }, { c: 'cc' })).toEqual([
      'A: is too short',
      'B: is too short',
    ])
    expect(await notMade({ a: 'aa' }, { validate }, { b: 'bb', c: '' })).toEqual(['C: is too short'])
  })

  test('names none where it is about all of them', async () => {
    expect(await notMade({ a: 1, b: 2 }, { check: () => 'closed' })).toEqual(['closed'])
    const validate = z.object({}).refine(() => false, 'too much in all')
    expect(await notMade({ a: 1, b: 2 }, { validate })).toEqual(['too much in all'])
  })

  test('names the field of the schema that no column shows', async () => {
    const validate = z.object({ email: z.string('is missing') })
    expect(await notMade({ a: 1 }, { validate })).toEqual(['email: is missing'])
  })
})
