import { describe, expect, test } from 'vitest'
import { parseChange } from '../../src/change/change.ts'
import { currentContext, runWithContext } from '../../src/change/context.ts'

/** The context that a change has, made with whatever an application passes. */
const seen = (context: unknown) => runWithContext(context as never, () => currentContext())

describe('a context that is not clean is cleaned where it enters', () => {
  test.each<[string, unknown, unknown]>([
    ['NUL', { userId: 'a\0b' }, { userId: 'ab' }],
    ['half an emoji', { userId: 'a\ud83d', tenantId: '\udeeb' }, { userId: 'a\ufffd', tenantId: '\ufffd' }],
    ['201 characters', { userId: 'x'.repeat(201) }, { userId: 'x'.repeat(200) }],
    ['an emoji at the limit', { userId: `${'x'.repeat(199)}🛫` }, { userId: 'x'.repeat(199) }],
    [
      'a number',
      { userId: 42, tenantId: 7n, correlationId: false },
      { userId: '42', tenantId: '7', correlationId: 'false' },
    ],
    ['another key', { userId: 'a', role: 'admin', __proto__: null }, { userId: 'a' }],
    ['null', { userId: null, tenantId: 't' }, { tenantId: 't' }],
    ['an object', { userId: { id: 1 }, tenantId: Symbol('s'), correlationId: () => 'x' }, {}],
    ['no object', 'ada', {}],
    ['nothing', undefined, {}],
  ])('%s', async (_case, given, expected) => {
    expect(JSON.parse(JSON.stringify(await seen(given)))).toEqual(expected)
  })

  test('nobody inside of somebody', async () => {
    const inner = await runWithContext({ userId: 'a', tenantId: 't' }, () => seen({ userId: null }))
    expect(JSON.parse(JSON.stringify(inner))).toEqual({ tenantId: 't' })
  })
})

describe('a job whose context is not clean is read all the same', () => {
  const change = { v: 1, target: 't', model: 'M', id: '1', operation: 'update', at: '2026-01-01T00:00:00Z' }
  test.each<[string, unknown, unknown]>([
    ['another key', { userId: 'a', more: 1 }, { userId: 'a' }],
    ['a number', { userId: 5 }, { userId: '5' }],
    ['too long', { userId: 'x'.repeat(300) }, { userId: 'x'.repeat(200) }],
    ['null', null, undefined],
    ['no object', [1], undefined],
    ['none', undefined, undefined],
  ])('%s', (_case, context, expected) => {
    expect(parseChange({ ...change, context }).context).toEqual(expected)
  })
})
