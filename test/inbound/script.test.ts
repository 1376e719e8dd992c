import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { serveFetch } from '../../jobs/telemetry/fetch-route.ts'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { appsScript } from '../../src/inbound/apps-script.ts'
import { sign } from '../../src/inbound/signature.ts'
import { forClient, scriptHandler } from '../../src/index.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { type Posted, ScriptInSheet } from './support/apps-script.ts'

/* The script that the command prints, run with fakes of Google's services; what it posts goes over HTTP to the handler. */

const SECRET = '0123456789abcdef0123456789abcdef'
const SPREADSHEET = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
const config = defineConfig({
  targets: [
    sheetTarget({
      ...{ name: 'requests', spreadsheetId: SPREADSHEET, tab: 'Requests', model: 'Request' },
      columns: [{ header: 'Comment', field: 'comment', writable: true }],
    }),
    sheetTarget({
      ...{ name: 'airports', spreadsheetId: 'shown-only', tab: 'Airports', model: 'Airport' },
      columns: ['name'],
    }),
  ],
})

let queue: TestQueue
let server: Server
let url: string
beforeAll(async () => {
  queue = await openTestQueue()
  // Two processes of the application: what one has seen the other one refuses too.
  const handlers = [1, 2].map(() =>
    scriptHandler(config, { secret: SECRET, databaseUrl: queue.database.url }),
  )
  server = createServer((request, response) => {
    const handler = handlers[request.url === '/other' ? 1 : 0] as (typeof handlers)[number]
    serveFetch(handler, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await queue.close()
})
afterEach(() => queue.boss.deleteAllJobs(QUEUES.pull))

const looks = async () => (await queue.boss.findJobs(QUEUES.pull, { queued: true })).map(({ data }) => data)

function scriptOf(properties: Record<string, string> = { SECRET }): ScriptInSheet {
  const text = appsScript({
    spreadsheetId: SPREADSHEET,
    url: 'https://app.example.com/x',
    property: 'SECRET',
  })
  return new ScriptInSheet(text, properties)
}

/** Sends what the script has posted to the handler. */
async function deliver({ body, headers }: Posted, path = '/'): Promise<number> {
  const response = await fetch(url + path, { method: 'POST', body, headers })
  expect(response.headers.get('content-type')).toContain('text/plain')
  return response.status
}

/** A signal of one edit, as the script posts it. */
function signal(editor = 'ada@example.com'): Posted {
  const script = scriptOf()
  script.user = editor
  script.install()
  script.edit('B2:B5', 7)
  return script.posted[0] ?? expect.fail('nothing was posted')
}

/** The same with another body, signed as the script signs. */
function signed(body: string, nonce: string, { secret = SECRET, ageS = 0 } = {}): Posted {
  const seconds = Math.floor(Date.now() / 1000) - ageS
  return {
    url,
    body,
    headers: { 'x-writeback-signature': `t=${seconds},v1=${sign(secret, seconds, nonce, body)}` },
  }
}

describe('the script', () => {
  test('install makes two triggers, once; uninstall takes them away', () => {
    const script = scriptOf()
    script.install()
    script.install()
    expect(script.triggers).toEqual([
      { event: 'edit', handler: 'onSheetEdit', spreadsheet: SPREADSHEET },
      { event: 'change', handler: 'onSheetChange', spreadsheet: SPREADSHEET },
    ])
    script.uninstall()
    expect(script.triggers).toEqual([])
  })

  test.each([{}, { SECRET: 'short' }])('install says that the secret is missing: %o', (properties) => {
    expect(() => scriptOf(properties as Record<string, string>).install()).toThrow(
      /SECRET is missing, or shorter/,
    )
  })

  test('an edit is posted at once, with where and who, and no values', () => {
    const { url: to, body, headers } = signal()
    expect(to).toBe('https://app.example.com/x')
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toEqual({
      spreadsheetId: SPREADSHEET,
      sheetId: 7,
      range: 'B2:B5',
      editor: 'ada@example.com',
      at: expect.stringMatching(/^\d{4}-/),
      nonce: expect.any(String),
    })
  })

  test('rows that come and go are told of; what was typed is not told twice', () => {
    const script = scriptOf()
    script.install()
    for (const type of ['EDIT', 'FORMAT', 'REMOVE_ROW']) script.change(type)
    expect(script.posted.map(({ body }) => JSON.parse(body))).toMatchObject([{ sheetId: null, range: null }])
  })

  test('a burst is two signals: the first edit, then all that follow within the gap', () => {
    const script = scriptOf()
    script.install()
    script.edit('A1')
    // The second edit waits; those that come meanwhile leave their signal to it.
    script.whileAsleep = () => {
      script.whileAsleep = () => {}
      script.edit('A3')
      script.user = 'bob@example.com'
      script.edit('A4')
    }
    script.edit('A2')
    const bodies = script.posted.map(({ body }) => JSON.parse(body))
    expect(bodies).toMatchObject([
      { range: 'A1', editor: 'ada@example.com' },
      { sheetId: 0, range: null, editor: '' },
    ])
    // Later the next one goes out at once again.
    script.now += 5_000
    script.edit('A5')
    expect(script.posted).toHaveLength(3)
  })

  test('a run that ends before it sends holds the others up for some seconds only', () => {
    const script = scriptOf()
    script.install()
    script.edit('A1')
    script.whileAsleep = () => {
      throw new Error('exceeded maximum execution time')
    }
    script.edit('A2')
    script.whileAsleep = () => {}
    for (let i = 0; i < 4; i++) {
      script.now += 3_000
      script.edit('A3')
    }
    expect(script.posted).toHaveLength(2)
  })

  test('what goes wrong does not reach the person who types', () => {
    const script = scriptOf()
    script.install()
    script.answer = new Error('DNS error')
    script.edit('A1')
    script.now += 5_000
    script.answer = 503
    script.edit('A2')
    expect(script.warnings).toEqual([expect.stringContaining('DNS error'), expect.stringContaining('503')])
  })
})

describe('the handler', () => {
  test('takes a signal, and queues a look that is owed to the editor', async () => {
    expect(await deliver(signal())).toBe(202)
    expect(await looks()).toEqual([{ spreadsheetId: SPREADSHEET, editor: 'ada@example.com' }])
    // One whose address Google did not tell.
    expect(await deliver(signal(''))).toBe(202)
    expect(await looks()).toEqual([{ spreadsheetId: SPREADSHEET }])
  })

  test('takes none twice, whichever process it comes to', async () => {
    const once = signal()
    expect(await deliver(once)).toBe(202)
    expect(await deliver(once)).toBe(409)
    expect(await deliver(once, '/other')).toBe(409)
  })

  test('of ten at the same time it takes one', async () => {
    const once = signal()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => deliver(once, i % 2 ? '/' : '/other')),
    )
    expect(answers.sort()).toEqual([202, ...Array.from({ length: 9 }, () => 409)])
  })

  test('refuses what was tampered with, without details', async () => {
    const { body, headers, ...rest } = signal()
    const change = (other: Partial<Posted>) => deliver({ ...rest, body, headers, ...other })
    const signature = headers['X-Writeback-Signature'] ?? ''
    expect(await change({ body: body.replace('ada', 'eve') })).toBe(401)
    expect(await change({ body: body.replace(/"nonce":"./, '"nonce":"x') })).toBe(401)
    expect(await change({ body: `${body} ` })).toBe(401)
    expect(await change({ body: 'no json' })).toBe(401)
    for (const given of [
      '',
      'v1=00',
      signature.replace(/v1=./, 'v1=x'),
      signature.replace(/t=\d+/, (t) => `${t}0`),
      `${signature}00`,
    ])
      expect(await change({ headers: { 'x-writeback-signature': given } })).toBe(401)
    const response = await fetch(url, { method: 'POST', body })
    expect([response.status, await response.text()]).toEqual([401, 'not accepted\n'])
    expect(await deliver(signed('{"nonce":"n"}', 'n', { secret: SECRET.replace('0', '1') }))).toBe(401)
    expect(await looks()).toEqual([])
    // What was not accepted has used no nonce up.
    expect(await change({})).toBe(202)
  })

  test('refuses what is old, or of the future', async () => {
    const body = (nonce: string) => JSON.stringify({ spreadsheetId: SPREADSHEET, nonce })
    const age = async (ageS: number) => {
      const nonce = `nonce-of-the-age-of-${ageS}`
      return await deliver(signed(body(nonce), nonce, { ageS }))
    }
    expect([await age(290), await age(-290)]).toEqual([202, 202])
    expect([await age(310), await age(-310)]).toEqual([401, 401])
  })

  test('refuses what is too big, said or found, before it is checked', async () => {
    const nonce = 'nonce-of-a-big-one'
    const body = (size: number) =>
      JSON.stringify({ spreadsheetId: SPREADSHEET, nonce, more: 'x'.repeat(size) })
    expect(await deliver(signed(body(64 * 1024), nonce))).toBe(413)
    const text = body(1_000_000)
    const { headers } = signed(text, nonce)
    // Without a length: it comes in pieces.
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < text.length; at += 10_000)
          controller.enqueue(new TextEncoder().encode(text.slice(at, at + 10_000)))
        controller.close()
      },
    })
    const answer = await fetch(url, {
      ...{ method: 'POST', body: pieces, headers },
      duplex: 'half',
    } as RequestInit).then(
      ({ status }) => status,
      // The connection is closed while the rest is still being sent.
      () => 413,
    )
    expect(answer).toBe(413)
    expect(await deliver(signed(body(60_000), nonce))).toBe(202)
  })

  test('refuses spreadsheets whose edits nobody wants, bodies that say nothing, and other methods', async () => {
    const nonce = 'nonce-of-unknown-ones'
    for (const spreadsheetId of ['unknown', 'shown-only'])
      expect(await deliver(signed(JSON.stringify({ spreadsheetId, nonce }), nonce))).toBe(404)
    expect(await deliver(signed(JSON.stringify({ nonce }), nonce))).toBe(400)
    const response = await fetch(url)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await looks()).toEqual([])
  })

  test('forgets nonces that no signature can use any more', async () => {
    const query = (text: string) => queue.boss.getDb().executeSql(text)
    await query(`insert into sync_nonce (nonce, seen_at) values ('ancient', now() - interval '11 minutes')`)
    await deliver(signal())
    expect((await query(`select from sync_nonce where nonce = 'ancient'`)).rows).toEqual([])
  })
})

test('a handler needs a secret of some length, and a database', () => {
  const databaseUrl = 'postgres://localhost/x'
  expect(() => scriptHandler(config, { databaseUrl })).toThrow(/WRITEBACK_SCRIPT_SECRET.*nothing/)
  expect(() => scriptHandler(config, { databaseUrl, secret: 'too short' })).toThrow(/32 characters or more/)
  expect(() => scriptHandler(config, { secret: SECRET, databaseUrl: 'x' })).toThrow(/DATABASE_URL/)
})

test('while the database is away a signal is answered with 503', async () => {
  const handler = scriptHandler(config, { secret: SECRET, databaseUrl: 'postgres://127.0.0.1:9/none' })
  const { body, headers } = signal()
  const answer = await handler(new Request('https://app.example.com/', { method: 'POST', body, headers }))
  expect(answer.status).toBe(503)
})
