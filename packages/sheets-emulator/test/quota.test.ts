import { describe, expect, test } from 'vitest'
import { Quota } from '../control/quota.ts'
import { clientOf, errorOf, useEmulator } from './support.ts'

const bench = useEmulator({ quota: { perUser: 3, perProject: 5 } })

describe('quota', () => {
  test('reads and writes count apart, each user has a share, all users have a limit', async () => {
    const spreadsheetId = bench.make()
    for (let i = 0; i < 3; i++) await bench.read(spreadsheetId)
    const error = await errorOf(bench.read(spreadsheetId))
    expect(error.status).toBe(429)
    expect(error.message).toContain(
      "limit 'Read requests per minute per user' of service 'sheets.googleapis.com'",
    )
    // A batch of any size is one write.
    const many = Array.from({ length: 50 }, () => ({ addSheet: {} }))
    await bench.batch(spreadsheetId, ...many)
    const other = clientOf(bench.emulator.url, 'other')
    const read = () => other.spreadsheets.get({ spreadsheetId, fields: 'spreadsheetId' })
    await read()
    await read()
    expect((await errorOf(read())).message).toContain("limit 'Read requests per minute' of")
    expect(bench.emulator.control.quota.used()).toEqual({ read: 5, write: 1 })
    // A person needs no quota.
    expect(bench.emulator.human(spreadsheetId).see()).toEqual([])
  })

  test('the body has the details of the real one, and there is no Retry-After', async () => {
    const spreadsheetId = bench.make()
    bench.emulator.control.quota.set({ perUser: 0, perProject: 5 })
    const response = await fetch(`${bench.emulator.url}v4/spreadsheets/${spreadsheetId}`)
    expect(response.headers.get('retry-after')).toBeNull()
    expect(await response.json()).toMatchObject({
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'RATE_LIMIT_EXCEEDED',
            metadata: {
              quota_limit: 'ReadRequestsPerMinutePerUser',
              quota_metric: 'sheets.googleapis.com/read_requests',
            },
          },
          { '@type': 'type.googleapis.com/google.rpc.Help' },
        ],
      },
    })
    bench.emulator.control.quota.set(undefined)
    await bench.read(spreadsheetId)
  })

  test('is full again after a minute', () => {
    let now = 0
    const quota = new Quota({ perUser: 1, perProject: 9 }, () => now)
    const call = { method: 'm', kind: 'write', spreadsheetId: 's', token: 't' } as const
    quota.use(call)
    now = 59_999
    expect(() => quota.use(call)).toThrow(/Quota exceeded/)
    now = 60_000
    quota.use(call)
    now = 119_999
    expect(() => quota.use(call)).toThrow(/Quota exceeded/)
    now = 120_001
    quota.use(call)
  })
})
