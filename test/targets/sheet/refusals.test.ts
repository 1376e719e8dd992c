import { afterEach, describe, expect, it } from 'vitest'
import { createSheetsClient, type SheetWriter } from '../../../src/targets/sheet/index.ts'
import { type Refuse, type RefusingProxy, startRefusingProxy } from './support/refusing-proxy.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
let proxy: RefusingProxy
afterEach(async () => {
  await stage.close()
  await proxy.close()
})

const written = { status: 'done', change: 'written' }

/** A writer whose calls pass through a server that refuses some of them. */
async function refusing(refuse: Refuse): Promise<SheetWriter> {
  stage = await setStage()
  proxy = await startRefusingProxy(stage.emulator.url, refuse)
  return stage.newWriter({ sheets: createSheetsClient({ google: null, sheetsApiUrl: proxy.url }) })
}

/** The index of the first request that contains a text, as the API would name it. */
function indexOf(body: string, text: string): number {
  const { requests } = JSON.parse(body) as { requests: object[] }
  return requests.findIndex((request) => JSON.stringify(request).includes(text))
}

describe('a record that the API refuses', () => {
  it('is singled out by halves, is dead with the words of the API, and the others are written', async () => {
    const writer = await refusing(({ body }) =>
      body.includes('POISON') ? 'Something about the request is not right.' : undefined,
    )
    const ids = Array.from({ length: 40 }, (_, index) => `r${index}`)
    for (const id of ids)
      stage.records.put(stage.target, id, { name: id === 'r23' ? 'POISON' : id, seats: 1 })
    const outcomes = await stage.write(ids, stage.target, writer)
    expect(outcomes.get('r23')).toEqual({
      status: 'dead',
      code: 'SHEET_REFUSED',
      reason: "the Sheets API refuses the record's row: Something about the request is not right.",
    })
    expect([...outcomes.values()].filter(({ status }) => status === 'done')).toHaveLength(39)
    expect(await stage.person.see()).toHaveLength(40)
    // 40 records in halves take 6 rounds; each may write the good half.
    expect(stage.emulator.control.calls.counts().write.calls).toBeLessThanOrEqual(7)
  })

  it('is found faster when the API names the request', async () => {
    const writer = await refusing(({ body }) =>
      body.includes('POISON')
        ? `Invalid requests[${indexOf(body, 'POISON')}].updateCells: Bad cell.`
        : undefined,
    )
    const ids = Array.from({ length: 40 }, (_, index) => `r${index}`)
    for (const id of ids) stage.records.put(stage.target, id, { name: id, seats: 1 })
    await stage.write(ids, stage.target, writer)
    // Every other row, so that each is a request of its own.
    for (const id of ids.filter((_, index) => index % 2 === 0)) {
      stage.records.put(stage.target, id, { name: id === 'r22' ? 'POISON' : `new ${id}`, seats: 1 })
    }
    stage.emulator.control.calls.reset()
    const outcomes = await stage.write(ids, stage.target, writer)
    expect(outcomes.get('r22')).toMatchObject({
      status: 'dead',
      reason: expect.stringContaining('Bad cell.'),
    })
    expect([...outcomes.values()].filter(({ status }) => status === 'done')).toHaveLength(39)
    expect(stage.emulator.control.calls.counts().write.calls).toBe(1)
  })

  it('several of them are all found', async () => {
    const writer = await refusing(({ body }) => (body.includes('POISON') ? 'No.' : undefined))
    const ids = Array.from({ length: 30 }, (_, index) => `r${index}`)
    const bad = new Set(['r0', 'r13', 'r14', 'r29'])
    for (const id of ids) stage.records.put(stage.target, id, { name: bad.has(id) ? 'POISON' : id, seats: 1 })
    const outcomes = await stage.write(ids, stage.target, writer)
    expect(
      [...outcomes]
        .filter(([, { status }]) => status === 'dead')
        .map(([id]) => id)
        .sort(),
    ).toEqual([...bad].sort())
    expect([...outcomes.values()].filter(({ status }) => status === 'done')).toHaveLength(26)
  })

  it('while rows are removed does not let the library write over rows of its own', async () => {
    const writer = await refusing(({ body }) => (body.includes('POISON') ? 'No.' : undefined))
    const ids = Array.from({ length: 12 }, (_, index) => `r${index}`)
    for (const id of ids) stage.records.put(stage.target, id, { name: id, seats: 1 })
    await stage.write(ids, stage.target, writer)
    // With two of them, the second halves are tried in one round, the one with the removed rows before the other.
    const bad = ['r0', 'r8']
    for (const id of ids)
      stage.records.put(stage.target, id, { name: bad.includes(id) ? 'POISON' : `new ${id}`, seats: 1 })
    for (const id of ['r1', 'r3']) stage.records.remove(stage.target, id)
    const outcomes = await stage.write(ids, stage.target, writer)
    for (const id of bad) expect(outcomes.get(id)).toMatchObject({ status: 'dead' })
    const messages = stage.log.map(({ msg }) => String(msg))
    expect(messages.filter((message) => message.includes('moved'))).toEqual([])
  })

  it('alone may not be to blame: it has failed, and is tried again', async () => {
    const writer = await refusing(({ body }) => (body.includes('POISON') ? 'No.' : undefined))
    stage.records.put(stage.target, 'a', { name: 'POISON', seats: 1 })
    const outcome = (await stage.write(['a'], stage.target, writer)).get('a')
    expect(outcome).toMatchObject({ status: 'failed', code: 'SHEET_REFUSED' })
  })

  it('does not stop the records of another target', async () => {
    const writer = await refusing(({ body }) => (body.includes('POISON') ? 'No.' : undefined))
    const other = { ...stage.target, name: 'others', tab: 'Others' }
    stage.records.put(stage.target, 'a', { name: 'POISON', seats: 1 })
    stage.records.put(other, 'b', { name: 'fine', seats: 1 })
    const outcomes = await writer.write(stage.spreadsheetId, [
      { target: stage.target, ids: ['a'] },
      { target: other, ids: ['b'] },
    ])
    expect(outcomes.get('others')?.get('b')).toEqual(written)
    expect(outcomes.get('trips')?.get('a')).toMatchObject({ status: 'failed' })
  })
})

describe('a tab that the API refuses to make', () => {
  it('stops its target with the words of the API', async () => {
    const message =
      'This action would increase the number of cells in the workbook above the limit of 10000000 cells.'
    const writer = await refusing(({ body }) =>
      body.includes('addSheet')
        ? `Invalid requests[${indexOf(body, 'addSheet')}].addSheet: ${message}`
        : undefined,
    )
    stage.records.put(stage.target, 'a', { name: 'x', seats: 1 })
    expect((await stage.write(['a'], stage.target, writer)).get('a')).toMatchObject({
      status: 'deferred',
      code: 'SHEET_REFUSED',
      reason: expect.stringContaining(message),
    })
  })
})

describe('a fence that the API does not take', () => {
  const state = async () =>
    (
      await stage.sql.query<{ fence_state: string }>(
        `select place->>'fenceState' as fence_state from sync_lane`,
      )
    )[0]?.fence_state

  it('with an answer that is not documented is switched off for the lane at the third batch, with a warning', async () => {
    const writer = await refusing(({ body }) =>
      body.includes('createDeveloperMetadata') ? 'You are not allowed to do this.' : undefined,
    )
    stage.records.put(stage.target, 'a', { name: 'x', seats: 1 })
    stage.records.put(stage.target, 'b', { name: 'y', seats: 1 })
    expect(Object.fromEntries(await stage.write(['a', 'b'], stage.target, writer))).toEqual({
      a: written,
      b: written,
    })
    const messages = () => stage.log.map(({ msg }) => msg)
    for (const name of ['second', 'third']) {
      expect(messages()).not.toContain('writes go on without a fence')
      stage.records.put(stage.target, 'a', { name, seats: 1 })
      expect((await stage.write(['a'], stage.target, writer)).get('a')).toEqual(written)
    }
    expect(messages()).toContain('writes go on without a fence')
    await writer.close()
    expect(await state()).toBe('off')
    // Another worker does not try again.
    const fresh = stage.newWriter({ sheets: createSheetsClient({ google: null, sheetsApiUrl: proxy.url }) })
    stage.records.put(stage.target, 'a', { name: 'z', seats: 1 })
    expect((await stage.write(['a'], stage.target, fresh)).get('a')).toEqual(written)
  })

  it('that is refused by name again and again is switched off', async () => {
    const writer = await refusing(({ body }) =>
      body.includes('createDeveloperMetadata')
        ? 'Invalid requests[0].createDeveloperMetadata: Quota of metadata exceeded.'
        : undefined,
    )
    stage.records.put(stage.target, 'a', { name: 'x', seats: 1 })
    expect((await stage.write(['a'], stage.target, writer)).get('a')).toEqual(written)
    await writer.close()
    expect(await state()).toBe('off')
  })

  it('that cannot be looked up is switched off', async () => {
    const writer = await refusing(({ url }) =>
      url.includes('developerMetadata:search') ? 'Not for you.' : undefined,
    )
    stage.records.put(stage.target, 'a', { name: 'x', seats: 1 })
    expect((await stage.write(['a'], stage.target, writer)).get('a')).toEqual(written)
    await writer.close()
    expect(await state()).toBe('off')
  })
})
