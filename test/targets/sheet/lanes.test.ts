import { afterEach, describe, expect, it } from 'vitest'
import { FENCE_KEY } from '../../../src/targets/sheet/google/fence.ts'
import { createSheetsClient, type SheetWriter } from '../../../src/targets/sheet/index.ts'
import { until } from '../../support/wait.ts'
import { expectTab } from './support/expect-tab.ts'
import { endLaneSessions } from './support/lane-sessions.ts'
import { type RefusingProxy, startRefusingProxy } from './support/refusing-proxy.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
let proxy: RefusingProxy | undefined
afterEach(async () => {
  await stage.close()
  await proxy?.close()
  proxy = undefined
})

const written = { status: 'done', change: 'written' }
const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

/** A writer whose next batchUpdate waits until it is let through. */
async function heldWriter(): Promise<{ writer: SheetWriter; arrived: Promise<void>; release: () => void }> {
  const arrived = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let held = false
  proxy = await startRefusingProxy(stage.emulator.url, async ({ url }) => {
    if (held || !url.includes(':batchUpdate')) return undefined
    held = true
    arrived.resolve()
    await gate.promise
    return undefined
  })
  const sheets = createSheetsClient({ google: null, sheetsApiUrl: proxy.url })
  const writer = stage.newWriter({ sheets, limits: { laneWait: 200 } })
  return { writer, arrived: arrived.promise, release: gate.resolve }
}

const lateIsRefused = () =>
  until('the late call was answered', () =>
    stage.emulator.control.calls
      .recent()
      .some(({ method, status }) => method.endsWith('batchUpdate') && status === 400),
  )

const fences = async () => {
  const { data } = await stage.person.api.spreadsheets.developerMetadata.search({
    spreadsheetId: stage.spreadsheetId,
    requestBody: { dataFilters: [{ developerMetadataLookup: { metadataKey: FENCE_KEY } }] },
  })
  return (data.matchedDeveloperMetadata ?? []).map(({ developerMetadata }) => developerMetadata?.metadataId)
}

describe('one writer at a time', () => {
  it('a second worker waits for the lane and hands back what it cannot begin', async () => {
    stage = await setStage()
    put('a', 1)
    put('b', 2)
    const { writer, arrived, release } = await heldWriter()
    const first = stage.write(['a'], stage.target, writer)
    await arrived
    const second = stage.newWriter({ limits: { laneWait: 200 } })
    expect((await stage.write(['b'], stage.target, second)).get('b')).toMatchObject({
      status: 'deferred',
      code: 'LANE_BUSY',
    })
    release()
    expect((await first).get('a')).toEqual(written)
    expect((await stage.write(['b'], stage.target, second)).get('b')).toEqual(written)
  })

  it('a waiting worker gets its turn between the batches of a busy one', async () => {
    stage = await setStage()
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`)
    for (const id of ids) put(id, 1)
    put('other', 1)
    stage.emulator.control.latency(20)
    const busy = stage.newWriter({ limits: { batchRecords: 1 } })
    const load = stage.write(ids, stage.target, busy)
    let isDone = false
    void load.then(() => {
      isDone = true
    })
    const second = stage.newWriter({ limits: { laneWait: 10_000 } })
    expect((await stage.write(['other'], stage.target, second)).get('other')).toEqual(written)
    expect(isDone).toBe(false)
    stage.emulator.control.noLatency()
    await load
  })

  it('the lane of a dead worker is free at once', async () => {
    stage = await setStage()
    put('a', 1)
    put('b', 2)
    const { writer, arrived, release } = await heldWriter()
    const first = stage.write(['a'], stage.target, writer)
    await arrived
    await endLaneSessions(stage)
    const started = performance.now()
    await until(
      'another worker has the lane',
      async () => (await stage.write(['b'])).get('b')?.status === 'done',
    )
    expect(performance.now() - started).toBeLessThan(3_000)
    release()
    expect((await first).get('a')).toMatchObject({ status: 'deferred', code: 'LANE_LOST' })
  })

  it('a frozen worker loses its lanes: Postgres ends the session that is silent', async () => {
    stage = await setStage({}, { limits: { laneSilence: 600 } })
    put('a', 1)
    stage.emulator.control.latency(400, { calls: 'write' })
    const first = stage.write(['a'])
    // The sheet is read by one who holds the lane, and knows it.
    await until('the lane is held', () => stage.emulator.control.calls.counts().read.calls > 0)
    // Nothing runs in this process for a while, as after SIGSTOP.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500)
    expect((await first).get('a')).toMatchObject({
      status: 'deferred',
      code: expect.stringMatching(/LANE_LOST|DATABASE_UNAVAILABLE/),
    })
    stage.emulator.control.noLatency()
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'done' })
  })

  it('another spreadsheet is not concerned', async () => {
    stage = await setStage()
    put('a', 1)
    const { writer, arrived, release } = await heldWriter()
    const first = stage.write(['a'], stage.target, writer)
    await arrived
    const id = stage.emulator.createSpreadsheet({ properties: { title: 'Other' } })
    const other = { ...stage.target, name: 'elsewhere', spreadsheetId: id }
    stage.records.put(other, 'x', { name: 'x', seats: 1 })
    expect((await stage.write(['x'], other, writer)).get('x')).toEqual(written)
    release()
    await first
  })
})

describe('the fence', () => {
  it('refuses the write of a worker that lost the lane and was late', async () => {
    stage = await setStage()
    put('a', 1)
    await stage.write(['a'])
    put('a', 2)
    const { writer, arrived, release } = await heldWriter()
    const late = stage.write(['a'], stage.target, writer)
    await arrived
    await endLaneSessions(stage)
    await until(
      'another worker has the lane',
      async () => (await stage.write(['a'])).get('a')?.status === 'done',
    )
    // Others write meanwhile, many times: the number that the late call carries must stay taken.
    for (let seats = 3; seats < 10; seats++) {
      put('a', seats)
      expect((await stage.write(['a'])).get('a')).toEqual(written)
    }
    release()
    expect((await late).get('a')).toMatchObject({ status: 'deferred', code: 'LANE_LOST' })
    await lateIsRefused()
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 9
    `)
  })

  it('refuses a write of our own that was given up and arrives later', async () => {
    stage = await setStage()
    put('a', 1)
    await stage.write(['a'])
    const { writer, arrived, release } = await heldWriter()
    const patient = stage.newWriter({
      sheets: createSheetsClient({ google: null, sheetsApiUrl: proxy?.url ?? '' }),
      limits: { writeTimeout: 300 },
    })
    await writer.close()
    put('b', 1)
    const outcome = stage.write(['b'], stage.target, patient)
    await arrived
    expect((await outcome).get('b')).toEqual(written)
    for (const seats of [2, 3, 4]) {
      put('b', seats)
      await stage.write(['b'], stage.target, patient)
    }
    release()
    await lateIsRefused()
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
      b  | trip b | 4
    `)
  })

  it('refuses a write that was planned before a late one arrived, and what that one damaged is put right', async () => {
    stage = await setStage()
    for (const [index, id] of ['a', 'b', 'c'].entries()) put(id, index + 1)
    await stage.write(['a', 'b', 'c'])
    put('c', 33)
    const { writer, arrived, release } = await heldWriter()
    const patient = stage.newWriter({
      sheets: createSheetsClient({ google: null, sheetsApiUrl: proxy?.url ?? '' }),
      limits: { writeTimeout: 300 },
    })
    await writer.close()
    const outcome = stage.write(['c'], stage.target, patient)
    await arrived
    await stage.person.sort(2, 'DESCENDING')
    const undo = stage.emulator.control.before(async ({ method }) => {
      if (!method.endsWith('batchUpdate')) return
      undo()
      stage.emulator.control.calls.reset()
      release()
      await until('the late call is answered', () => stage.emulator.control.calls.counts().write.calls === 1)
    })
    expect((await outcome).get('c')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      c  | trip c | 33
      b  | trip b | 2
      a  | trip a | 1
    `)
  })

  it('refuses a late write also where nobody has written anything since', async () => {
    stage = await setStage()
    put('a', 1)
    await stage.write(['a'])
    put('a', 2)
    const { writer, arrived, release } = await heldWriter()
    const late = stage.write(['a'], stage.target, writer)
    await arrived
    await endLaneSessions(stage)
    // The record is changed back: the sheet shows already what it should.
    put('a', 1)
    const unchanged = { status: 'done', change: 'unchanged' }
    await until('another worker has the lane', async () => {
      const outcome = (await stage.write(['a'])).get('a')
      if (outcome?.status === 'done') expect(outcome).toEqual(unchanged)
      return outcome?.status === 'done'
    })
    release()
    expect((await late).get('a')).toMatchObject({ status: 'deferred', code: 'LANE_LOST' })
    await lateIsRefused()
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
    `)
    // It costs a call once; what finds nothing to write after it costs none.
    stage.emulator.control.calls.reset()
    expect((await stage.write(['a'])).get('a')).toEqual(unchanged)
    expect(stage.emulator.control.calls.counts().write.calls).toBe(0)
  })

  it('never grows', async () => {
    stage = await setStage()
    for (let seats = 0; seats < 30; seats++) {
      put('a', seats)
      await stage.write(['a'])
    }
    await stage.writer.close()
    expect((await fences()).length).toBeLessThanOrEqual(2)
    const [lane] = await stage.sql.query<{ fence: number }>(
      `select (place->>'fence')::int as fence from sync_lane`,
    )
    expect(await fences()).toContain(lane?.fence)
  })

  it('that a person removed is made anew', async () => {
    stage = await setStage()
    put('a', 1)
    await stage.write(['a'])
    await stage.person.do({
      deleteDeveloperMetadata: { dataFilter: { developerMetadataLookup: { metadataKey: FENCE_KEY } } },
    })
    put('a', 2)
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await fences()).toHaveLength(1)
  })

  it('whose number somebody else took moves on', async () => {
    stage = await setStage()
    put('a', 1)
    await stage.write(['a'])
    const last = Math.max(...(await fences()).map(Number))
    await stage.person.do({
      createDeveloperMetadata: {
        developerMetadata: {
          metadataId: last + 1,
          metadataKey: FENCE_KEY,
          metadataValue: new Date().toISOString(),
          location: { spreadsheet: true },
          visibility: 'DOCUMENT',
        },
      },
    })
    put('a', 2)
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect((await stage.person.see())[1]).toEqual(['a', 'trip a', 2])
  })
})

describe('calls are shared', () => {
  it('by everything that is asked for while a batch is under way', async () => {
    stage = await setStage()
    for (let index = 0; index < 50; index++) put(`r${index}`, index)
    await stage.write(['r0'])
    stage.emulator.control.calls.reset()
    stage.emulator.control.latency(30)
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => stage.write([`r${index}`])))
    expect(outcomes.every((outcome) => [...outcome.values()][0]?.status === 'done')).toBe(true)
    const { read, write } = stage.emulator.control.calls.counts()
    expect(read.calls).toBeLessThanOrEqual(2)
    expect(write.calls).toBeLessThanOrEqual(2)
    expect(await stage.person.see()).toHaveLength(51)
  })

  it('by several calls for one record, each of which gets the outcome', async () => {
    stage = await setStage()
    put('a', 1)
    const outcomes = await Promise.all([stage.write(['a']), stage.write(['a']), stage.write(['a', 'a'])])
    for (const outcome of outcomes) expect(outcome.get('a')).toMatchObject({ status: 'done' })
    expect(stage.emulator.control.calls.counts().write.calls).toBe(1)
  })

  it('and a change that comes while its record is being written is written after it', async () => {
    stage = await setStage()
    put('a', 1)
    const { writer, arrived, release } = await heldWriter()
    const first = stage.write(['a'], stage.target, writer)
    await arrived
    put('a', 2)
    const second = stage.write(['a'], stage.target, writer)
    release()
    expect((await first).get('a')).toEqual(written)
    expect((await second).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 2
    `)
  })
})

describe('a large batch', () => {
  it('is divided into calls of the size that is asked for', async () => {
    stage = await setStage()
    const ids = Array.from({ length: 60 }, (_, index) => `r${index}`)
    for (const id of ids) stage.records.put(stage.target, id, { name: 'x'.repeat(1_000), seats: 1 })
    const small = stage.newWriter({ limits: { batchBytes: 20_000 } })
    expect([...(await stage.write(ids, stage.target, small)).values()]).toEqual(Array(60).fill(written))
    const writes = stage.emulator.control.calls.recent().filter(({ kind }) => kind === 'write')
    expect(writes.length).toBeGreaterThanOrEqual(3)
    for (const { bytesIn } of writes) expect(bytesIn).toBeLessThan(24_000)
    // Updates, new rows and removals in several calls, on one read.
    for (const id of ids.slice(0, 30))
      stage.records.put(stage.target, id, { name: 'y'.repeat(1_000), seats: 2 })
    for (const id of ids.slice(30, 60)) stage.records.remove(stage.target, id)
    for (const id of ['n1', 'n2']) stage.records.put(stage.target, id, { name: 'new', seats: 3 })
    await stage.write([...ids, 'n1', 'n2'], stage.target, small)
    const rows = await stage.person.see()
    expect(rows).toHaveLength(33)
    // In the order of their keys, which are text.
    expect(rows.slice(1, 31).map(([id]) => id)).toEqual(ids.slice(0, 30).sort())
    expect(rows.slice(1, 31).every(([, , seats]) => seats === 2)).toBe(true)
  })
})

describe('leaving', () => {
  it('hands back at once what has not been begun', async () => {
    stage = await setStage()
    put('a', 1)
    put('b', 2)
    const { writer, arrived, release } = await heldWriter()
    const leaving = new AbortController()
    const write = (id: string) =>
      writer.write(stage.spreadsheetId, [{ target: stage.target, ids: [id] }], leaving.signal)
    const first = write('a')
    await arrived
    const second = write('b')
    leaving.abort()
    expect((await second).get('trips')?.get('b')).toMatchObject({ status: 'deferred', code: 'SHUTTING_DOWN' })
    expect((await write('b')).get('trips')?.get('b')).toMatchObject({
      status: 'deferred',
      code: 'SHUTTING_DOWN',
    })
    release()
    expect((await first).get('trips')?.get('a')).toEqual(written)
  })

  it('gives up a call in flight after a while, and the next writer sees what became of it', async () => {
    stage = await setStage({}, { limits: { leaveWithin: 200 } })
    put('a', 1)
    stage.emulator.control.faults.add({ kind: 'hang', ms: 10_000, match: { calls: 'write' } })
    const leaving = new AbortController()
    const first = stage.writer.write(
      stage.spreadsheetId,
      [{ target: stage.target, ids: ['a'] }],
      leaving.signal,
    )
    await until('the call was applied', async () => (await stage.person.tabs()).length === 2)
    const started = performance.now()
    leaving.abort()
    expect((await first).get('trips')?.get('a')).toMatchObject({ status: 'deferred', code: 'SHUTTING_DOWN' })
    await stage.writer.close()
    expect(performance.now() - started).toBeLessThan(3_000)
    expect((await stage.write(['a'], stage.target, stage.newWriter())).get('a')).toEqual({
      status: 'done',
      change: 'unchanged',
    })
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      a  | trip a | 1
    `)
  })
})
