import { describe, expect, it } from 'vitest'
import { PlaceAway, RecordRefused } from '../../../src/index.ts'
import { problemOf } from '../../../src/targets/api/problem.ts'

const withStatus = (status: number, more: object = {}) => Object.assign(new Error('no'), { status, ...more })

describe('what an error means', () => {
  it.each<[string, unknown, object]>([
    ['a refusal by name', new RecordRefused('no room'), { kind: 'refused', reason: 'no room' }],
    ['400', withStatus(400), { kind: 'refused' }],
    ['422', withStatus(422), { kind: 'refused' }],
    ['404', withStatus(404), { kind: 'missing' }],
    ['410', withStatus(410), { kind: 'missing' }],
    ['409', withStatus(409), { kind: 'mismatch', status: 409 }],
    ['412', withStatus(412), { kind: 'mismatch', status: 412 }],
    ['500', withStatus(500), { kind: 'unclear', status: 500 }],
    ['504', withStatus(504), { kind: 'unclear', status: 504 }],
    ['408', withStatus(408), { kind: 'unclear', status: 408 }],
    ['405', withStatus(405), { kind: 'broken', isClear: true }],
    [
      'the status of axios',
      Object.assign(new Error('no'), { response: { status: 422 } }),
      { kind: 'refused' },
    ],
    [
      'the status of got',
      Object.assign(new Error('no'), { response: { statusCode: 412 } }),
      { kind: 'mismatch' },
    ],
    [
      'a response',
      new Response(null, { status: 422 }),
      { kind: 'refused', reason: 'the outside system answered 422' },
    ],
    [
      'a connection that broke',
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
      { kind: 'unclear', status: null },
    ],
    [
      'a time that is over',
      AbortSignal.abort(new DOMException('too long', 'TimeoutError')).reason,
      { kind: 'unclear', status: null },
    ],
    ['a mistake', new TypeError('x is not a function'), { kind: 'broken', isClear: false }],
    ['a text', 'no', { kind: 'broken', reason: 'no' }],
    ['a status that is none', withStatus(200), { kind: 'broken' }],
  ])('%s', (_name, error, expected) => expect(problemOf(error)).toMatchObject(expected))

  it.each<[string, unknown, object, boolean]>([
    ['a place that is away', new PlaceAway('closed'), { kind: 'unclear', code: 'PLACE_UNAVAILABLE' }, false],
    ['503', withStatus(503), { code: 'PLACE_UNAVAILABLE', status: 503 }, false],
    ['401', withStatus(401), { kind: 'forbidden', code: 'PLACE_FORBIDDEN' }, true],
    ['403', withStatus(403), { kind: 'forbidden' }, true],
    ['429', withStatus(429), { kind: 'quota', code: 'PLACE_QUOTA', retryAfterMs: undefined }, true],
    [
      '429 with seconds',
      new Response(null, { status: 429, headers: { 'retry-after': '7' } }),
      { retryAfterMs: 7_000 },
      true,
    ],
    [
      '429 of axios',
      Object.assign(new Error('no'), { response: { status: 429, headers: { 'retry-after': '2' } } }),
      { retryAfterMs: 2_000 },
      true,
    ],
  ])("%s is no record's fault", (_name, error, failure, isClear) => {
    expect(problemOf(error)).toMatchObject({ kind: 'lane', failure, isClear })
  })

  it('a date to wait for is one', () => {
    const at = new Date(Date.now() + 60_000).toUTCString()
    const problem = problemOf(new Response(null, { status: 429, headers: { 'retry-after': at } }))
    const ms = problem.kind === 'lane' ? problem.failure.retryAfterMs : undefined
    expect(ms).toBeGreaterThan(50_000)
    expect(ms).toBeLessThanOrEqual(60_000)
  })
})
