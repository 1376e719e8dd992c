import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StockService, startStockService } from '../../../demo/stock-service/service.ts'

let folder: string
let service: StockService

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stock-'))
  service = await startStockService({ file: join(folder, 'stock.jsonl') })
})
afterEach(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(service.url + path, {
    ...{ method, headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    headers: response.headers,
    body: text && JSON.parse(text),
  }
}
const order = (faults: object) => call('POST', '/control/faults', faults)
const stock = async (id = 'a') => (await call('GET', `/articles/${id}`)).body?.stock

describe('articles', () => {
  it('are written, read, moved and removed', async () => {
    expect((await call('GET', '/articles/a')).status).toBe(404)
    expect((await call('PUT', '/articles/a', { name: 'A', stock: '10.5' })).status).toBe(201)
    expect((await call('PUT', '/articles/a', { name: 'B', stock: '10.5' })).status).toBe(200)
    expect((await call('POST', '/articles/a/movements', { by: '-0.25' })).body).toEqual({
      id: 'a',
      name: 'B',
      stock: '10.25',
    })
    expect((await call('DELETE', '/articles/a')).status).toBe(204)
    expect((await call('DELETE', '/articles/a')).status).toBe(404)
  })

  it.each([
    ['1', -1, '0'],
    ['0.1', '0.2', '0.3'],
    [0.1, 0.2, 0.3],
    ['-5', '2.5', '-2.5'],
    ['100', '0', '100'],
  ])('add up: %s and %s', async (from, by, to) => {
    await call('PUT', '/articles/a', { stock: from })
    expect((await call('POST', '/articles/a/movements', { by })).body.stock).toBe(to)
  })

  it('are listed in pages', async () => {
    for (const id of ['c', 'a', 'b']) await call('PUT', `/articles/${id}`, { stock: 1 })
    const first = (await call('GET', '/articles?limit=2')).body
    expect(first).toMatchObject({ articles: [{ id: 'a' }, { id: 'b' }], next: 'b' })
    expect((await call('GET', `/articles?limit=2&after=${first.next}`)).body).toEqual({
      articles: [{ id: 'c', stock: 1 }],
    })
  })

  it('are refused with a reason', async () => {
    expect(await call('PUT', '/articles/a', { stock: 'many' })).toMatchObject({
      status: 422,
      body: { error: 'stock is no quantity' },
    })
    expect((await call('PUT', '/articles/a', [1])).status).toBe(400)
    expect((await call('POST', '/articles/a/movements', { by: 1 })).status).toBe(404)
    expect((await call('PATCH', '/articles/a', {})).status).toBe(405)
  })

  it('are written on top of what was read only', async () => {
    const { etag } = await call('PUT', '/articles/a', { stock: '1' })
    await call('POST', '/articles/a/movements', { by: 1 })
    const stale = await call('PUT', '/articles/a', { stock: '0' }, { 'if-match': etag ?? '' })
    expect([stale.status, await stock()]).toEqual([412, '2'])
    expect((await call('PUT', '/articles/a', { stock: '0' }, { 'if-none-match': '*' })).status).toBe(412)
    expect((await call('PUT', '/articles/z', { stock: '0' }, { 'if-match': '"1"' })).status).toBe(412)
  })

  it('and the answers to keys outlive the process', async () => {
    const key = { 'idempotency-key': 'k1' }
    const first = await call('PUT', '/articles/a', { stock: '5' }, key)
    await call('POST', '/articles/a/movements', { by: 1 })
    await service.close()
    service = await startStockService({ file: join(folder, 'stock.jsonl') })
    const again = await call('PUT', '/articles/a', { stock: '5' }, { ...key, 'if-match': '"0"' })
    expect(again).toMatchObject({ status: 201, body: first.body, etag: first.etag })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await stock()).toBe('6')
    await call('POST', '/control/forget')
    expect((await call('PUT', '/articles/a', { stock: '5' }, key)).status).toBe(200)
  })
})

describe('faults', () => {
  beforeEach(async () => void (await call('PUT', '/articles/a', { stock: '10' })))
  const change = () => call('PUT', '/articles/a', { stock: '9' })

  it.each([
    ['error-before', '10'],
    ['error-after', '9'],
  ])('%s answers 500', async (fault, left) => {
    await order({ faults: [fault] })
    expect((await change()).status).toBe(500)
    expect(await stock()).toBe(left)
    expect((await change()).status).toBe(200)
  })

  it.each([
    ['reset-before', '10'],
    ['reset-after', '9'],
  ])('%s breaks the connection', async (fault, left) => {
    await order({ faults: [fault] })
    await expect(change()).rejects.toThrow()
    expect(await stock()).toBe(left)
  })

  it('a late call is carried out after its connection broke', async () => {
    await order({ faults: ['late'], ms: 100 })
    await expect(change()).rejects.toThrow()
    expect(await stock()).toBe('10')
    await expect.poll(() => stock(), { timeout: 5_000 }).toBe('9')
  })

  it('one that hangs has no answer', async () => {
    await order({ faults: ['hang-after'], method: 'PUT' })
    const signal = AbortSignal.timeout(200)
    await expect(
      fetch(`${service.url}/articles/a`, { method: 'PUT', body: '{"stock":"9"}', signal }),
    ).rejects.toThrow()
    expect(await stock()).toBe('9')
  })

  it('limit, away and race', async () => {
    await order({ faults: ['limit'] })
    const limited = await change()
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1'])
    await order({ faults: ['away'] })
    expect((await change()).status).toBe(503)
    const { etag } = await call('GET', '/articles/a')
    await order({ faults: ['race'], method: 'PUT' })
    expect((await call('PUT', '/articles/a', { stock: '9' }, { 'if-match': etag ?? '' })).status).toBe(412)
    expect(await stock()).toBe('9')
    expect((await call('GET', '/control')).body.moved).toEqual({ a: '-1' })
  })

  it('hit the calls that are meant, a share of them, and no person', async () => {
    await order({ faults: ['error-before'], method: 'PUT', id: 'a', times: 2 })
    expect((await call('PUT', '/articles/b', { stock: 1 })).status).toBe(201)
    expect((await call('GET', '/articles/a')).status).toBe(200)
    expect((await call('PUT', '/articles/a', { stock: '1' }, { 'x-person': 'ada' })).status).toBe(200)
    expect([(await change()).status, (await change()).status, (await change()).status]).toEqual([
      500, 500, 200,
    ])
    await order({ faults: ['error-before'], share: 0.5, seed: 3 })
    const statuses = []
    for (let at = 0; at < 40; at++) statuses.push((await change()).status)
    expect(new Set(statuses)).toEqual(new Set([200, 500]))
    await call('POST', '/control/calm')
    expect((await change()).status).toBe(200)
    expect((await order({ faults: ['flood'] })).status).toBe(422)
  })
})

it('the page shows the stock', async () => {
  const response = await fetch(service.url)
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(await response.text()).toContain('<title>Stock</title>')
})
