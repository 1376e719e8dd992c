import { afterEach, describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { until } from '../../support/wait.ts'
import { expectTab } from './support/expect-tab.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }
const WRITE = { method: 'spreadsheets.batchUpdate' }
const READ = { calls: 'read' } as const

async function oneRow(options: Partial<SheetTarget> = {}, limits = {}): Promise<void> {
  stage = await setStage(options, { limits })
  stage.records.put(stage.target, 'a', { name: 'trip a', seats: 1 })
  await stage.write(['a'])
  stage.records.put(stage.target, 'b', { name: 'trip b', seats: 2 })
}

const circuit = async () =>
  (
    await stage.sql.query<{
      circuit: string
      failures: number
      last_error_code: string
      fence_state: string
    }>(`select circuit, failures, last_error_code, place->>'fenceState' as fence_state from sync_lane`)
  )[0]

describe('a write that fails', () => {
  it.each(['reset-before', 'reset-after', 'broken-json', 'truncated'] as const)(
    'by %s is read again before it is written again, and never doubled',
    async (kind) => {
      await oneRow()
      stage.emulator.control.faults.add({ kind, match: WRITE })
      expect((await stage.write(['b'])).get('b')).toMatchObject({ status: 'done' })
      await expectTab(stage).toShow(`
        ID | Name   | Seats
        a  | trip a | 1
        b  | trip b | 2
      `)
      const methods = stage.emulator.control.calls.recent().map(({ method }) => method)
      const failed = methods.indexOf(
        'spreadsheets.batchUpdate',
        methods.indexOf('spreadsheets.batchUpdate') + 1,
      )
      expect(methods[failed + 1]).not.toBe('spreadsheets.batchUpdate')
    },
  )

  it('by hanging until its timeout, although it was applied, is not doubled', async () => {
    await oneRow({}, { writeTimeout: 300 })
    stage.emulator.control.faults.add({ kind: 'hang', ms: 5_000, match: WRITE })
    expect((await stage.write(['b'])).get('b')).toMatchObject({ status: 'done' })
    expect((await stage.person.see()).map(([id]) => id)).toEqual(['ID', 'a', 'b'])
  })

  it.each([500, 503] as const)('with %i once succeeds the second time', async (status) => {
    await oneRow()
    stage.emulator.control.faults.add({ kind: 'status', status, match: WRITE })
    expect((await stage.write(['b'])).get('b')).toEqual(written)
    expect((await circuit())?.circuit).toBe('closed')
  })

  it('while a new tab is made is not made twice', async () => {
    stage = await setStage()
    stage.records.put(stage.target, 'a', { name: 'trip a', seats: 1 })
    stage.emulator.control.faults.add({ kind: 'reset-after', match: WRITE })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'done' })
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
    `)
    expect((await stage.person.tabs()).map(({ properties }) => properties?.title)).toEqual([
      'Sheet1',
      'Trips',
    ])
  })
})

describe('a read that fails', () => {
  it.each(['reset-before', 'broken-json', 'truncated'] as const)('by %s is repeated', async (kind) => {
    await oneRow()
    stage.emulator.control.faults.add({ kind, match: READ })
    expect((await stage.write(['b'])).get('b')).toEqual(written)
  })

  it('by hanging is given up and repeated', async () => {
    await oneRow({}, { readTimeout: 300 })
    stage.emulator.control.faults.add({ kind: 'hang', ms: 5_000, match: READ })
    expect((await stage.write(['b'])).get('b')).toEqual(written)
  })
})

describe('the circuit of a lane', () => {
  it('opens when the API is away, costs nothing while it is open, and closes by itself', async () => {
    await oneRow()
    stage.emulator.control.outage = 'unavailable'
    const first = (await stage.write(['b'])).get('b')
    expect(first).toMatchObject({ status: 'deferred', code: 'SHEET_OUTCOME_UNKNOWN' })
    expect(await circuit()).toMatchObject({ circuit: 'open', failures: 1 })
    stage.emulator.control.calls.reset()
    const second = (await stage.write(['b'])).get('b')
    expect(second).toMatchObject({ status: 'deferred', retryAfterMs: expect.any(Number) })
    expect(stage.emulator.control.calls.counts().read.calls).toBe(0)
    stage.emulator.control.outage = undefined
    await until('the lane works again', async () => {
      const outcome = (await stage.write(['b'])).get('b')
      return outcome?.status === 'done'
    })
    await until('the circuit is closed', async () => (await circuit())?.circuit === 'closed')
    expect(await circuit()).toMatchObject({ circuit: 'closed', failures: 0 })
    expect(stage.log.map(({ msg }) => msg)).toContain('the spreadsheet can be written again')
  })

  it('opens at once when access is refused, says so in the target, and probes with one call', async () => {
    await oneRow()
    stage.emulator.control.access.revoke(stage.spreadsheetId)
    expect((await stage.write(['b'])).get('b')).toMatchObject({
      status: 'deferred',
      code: 'SHEET_FORBIDDEN',
      reason: 'The caller does not have permission',
    })
    expect(await circuit()).toMatchObject({ circuit: 'open', last_error_code: 'SHEET_FORBIDDEN' })
    const [target] = await stage.sql.query<{ last_error_code: string }>(
      'select last_error_code from sync_target',
    )
    expect(target?.last_error_code).toBe('SHEET_FORBIDDEN')
    stage.emulator.control.calls.reset()
    await until('a probe was sent', async () => {
      await stage.write(['b'])
      return stage.emulator.control.calls.counts().read.calls > 0
    })
    expect(stage.emulator.control.calls.recent().map(({ method }) => method)).toEqual(['spreadsheets.get'])
    expect((await circuit())?.failures).toBe(2)
    stage.emulator.control.access.restore(stage.spreadsheetId)
    await until('the lane works again', async () => (await stage.write(['b'])).get('b')?.status === 'done')
  })

  it('of one spreadsheet says nothing about another', async () => {
    await oneRow()
    const id = stage.emulator.createSpreadsheet({ properties: { title: 'Other' } })
    const other: SheetTarget = { ...stage.target, name: 'elsewhere', spreadsheetId: id }
    stage.records.put(other, 'x', { name: 'other', seats: 1 })
    stage.emulator.control.access.revoke(stage.spreadsheetId)
    await stage.write(['b'])
    expect((await stage.write(['x'], other)).get('x')).toEqual(written)
  })

  it('opens when access is taken away between two reads: its fence is not taken to be at fault', async () => {
    await oneRow()
    const { control } = stage.emulator
    control.calls.reset()
    const undo = control.before(async ({ method }) => {
      if (method !== 'spreadsheets.developerMetadata.search') return
      undo()
      await until('the tabs are read', async () => control.calls.counts().read.calls > 0)
      control.access.revoke(stage.spreadsheetId)
    })
    const other = stage.newWriter()
    expect((await stage.write(['b'], stage.target, other)).get('b')).toMatchObject({
      status: 'deferred',
      code: 'SHEET_FORBIDDEN',
    })
    control.access.restore(stage.spreadsheetId)
    await until('the lane works again', async () => {
      const outcome = (await stage.write(['b'], stage.target, other)).get('b')
      return outcome?.status === 'done'
    })
    await other.close()
    expect(await circuit()).toMatchObject({ circuit: 'closed', fence_state: 'on' })
  })

  it('opens for a spreadsheet that does not exist', async () => {
    stage = await setStage({ spreadsheetId: 'no-such-spreadsheet' })
    stage.records.put(stage.target, 'a', { name: 'x', seats: 1 })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'deferred', code: 'SHEET_NOT_FOUND' })
  })
})

describe('a bad record', () => {
  it('that no cell takes is dead, with the column and the length, and the others are written', async () => {
    stage = await setStage()
    stage.records.put(stage.target, 'good', { name: 'x'.repeat(50_000), seats: 1 })
    stage.records.put(stage.target, 'bad', { name: 'x'.repeat(50_001), seats: 1 })
    const outcomes = await stage.write(['bad', 'good'])
    expect(outcomes.get('good')).toEqual(written)
    expect(outcomes.get('bad')).toEqual({
      status: 'dead',
      code: 'CELL_TOO_LONG',
      reason:
        'the text is too long for a cell of column "Name": expected at most 50000 characters, got 50001. Shorten it, or show a part of it with a computed column',
    })
    expect((await stage.person.see()).map(([id]) => id)).toEqual(['ID', 'good'])
  })

  it('whose column function throws has failed, and the others are written', async () => {
    const value = (record: object) =>
      (record as { seats: number | null }).seats?.toFixed(1) ?? (null as never as { x: 1 }).x
    stage = await setStage({ columns: [{ header: 'Seats', value }] })
    stage.records.put(stage.target, 'a', { seats: 1 })
    stage.records.put(stage.target, 'b', { seats: null })
    const outcomes = await stage.write(['a', 'b'])
    expect(outcomes.get('a')).toEqual(written)
    expect(outcomes.get('b')).toMatchObject({
      status: 'failed',
      code: 'COLUMN_FAILED',
      reason: expect.stringContaining('column "Seats"'),
    })
  })

  it.each<[string, (record: { seats: number }) => unknown, string]>([
    ['returns a promise', async ({ seats }) => seats, 'a Promise'],
    [
      'returns a promise that is rejected',
      async () => {
        throw new Error('secret')
      },
      'a Promise',
    ],
    [
      'returns what works like a promise',
      // biome-ignore lint/suspicious/noThenProperty: Prisma Client's own promises are such objects.
      ({ seats }) => ({ then: (then: (n: number) => void) => then(seats) }),
      'a Promise',
    ],
    [
      'returns a list of promises',
      ({ seats }) => [seats, Promise.reject(new Error('secret'))],
      'a list with a Promise',
    ],
  ])('whose column function %s has failed, and the others are written', async (_, value, got) => {
    const rejected: unknown[] = []
    const onRejection = (reason: unknown) => rejected.push(reason)
    process.on('unhandledRejection', onRejection)
    try {
      const column = (record: { seats: number }) => (record.seats === 1 ? 'one' : value(record))
      stage = await setStage({ columns: [{ header: 'Seats', value: column }] })
      stage.records.put(stage.target, 'a', { seats: 1 })
      stage.records.put(stage.target, 'b', { seats: 2 })
      const outcomes = await stage.write(['a', 'b'])
      expect(outcomes.get('a')).toEqual(written)
      expect(outcomes.get('b')).toMatchObject({ status: 'failed', code: 'COLUMN_FAILED' })
      expect(outcomes.get('b')).toMatchObject({
        reason: expect.stringMatching(
          new RegExp(`column "Seats" is asynchronous.*column functions must return a value, got ${got}`),
        ),
      })
      await expectTab(stage).toShow(`
        ID | Seats
        a  | one
      `)
      expect(rejected).toEqual([])
    } finally {
      process.off('unhandledRejection', onRejection)
    }
  })

  it.each<[string, unknown, string]>([
    ['an invalid date', new Date(Number.NaN), 'CELL_UNSUPPORTED'],
    ['a Map', new Map(), 'CELL_UNSUPPORTED'],
    ['50,001 characters', 'x'.repeat(50_001), 'CELL_TOO_LONG'],
    ['a symbol', Symbol('x'), 'CELL_UNSUPPORTED'],
  ])('whose column function returns %s is dead, and the others are written', async (_, value, code) => {
    const column = ({ seats }: { seats: number }) => (seats === 1 ? 'one' : value)
    stage = await setStage({ columns: [{ header: 'Seats', value: column }] })
    stage.records.put(stage.target, 'a', { seats: 1 })
    stage.records.put(stage.target, 'b', { seats: 2 })
    const outcomes = await stage.write(['a', 'b'])
    expect(outcomes.get('a')).toEqual(written)
    expect(outcomes.get('b')).toMatchObject({
      status: 'dead',
      code,
      reason: expect.stringContaining('Seats'),
    })
  })

  it.each([0, 1, 8, 11, 12, 14, 27, 31, 127, 133, 0xfffe, 0xffff])(
    'whose computed text has the character %i is written, and is as it should be from then on',
    async (code) => {
      const column = ({ seats }: { seats: number }) =>
        seats === 1 ? 'one' : `a${String.fromCharCode(code)}b`
      stage = await setStage({ columns: [{ header: 'Seats', value: column, conflict: 'sheet-wins' }] })
      stage.records.put(stage.target, 'a', { seats: 1 })
      stage.records.put(stage.target, 'b', { seats: 2 })
      expect([...(await stage.write(['a', 'b'])).values()]).toEqual([written, written])
      const unchanged = { status: 'done', change: 'unchanged' }
      expect([...(await stage.write(['a', 'b'])).values()]).toEqual([unchanged, unchanged])
      const shown = code === 0 ? 'a\ufffdb' : `a${String.fromCharCode(code)}b`
      expect((await stage.person.see())[2]).toEqual(['b', shown])
    },
  )
})
