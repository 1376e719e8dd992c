import { describe, expect, test } from 'vitest'
import { errorOf, useEmulator } from './support.ts'

const bench = useEmulator()

const DATA = [
  ['id', 'name'],
  ['1', 'b'],
  ['2', 'a'],
  ['3', 'c'],
]

async function filled(): Promise<string> {
  const spreadsheetId = bench.make()
  await bench.fill(spreadsheetId, DATA)
  return spreadsheetId
}

describe('a person', () => {
  test.each([
    [
      'type',
      { cell: 'B2', text: 'x' },
      [
        ['id', 'name'],
        ['1', 'x'],
        ['2', 'a'],
        ['3', 'c'],
      ],
    ],
    [
      'type',
      { cell: 'A2', text: '' },
      [
        ['id', 'name'],
        ['', 'b'],
        ['2', 'a'],
        ['3', 'c'],
      ],
    ],
    ['clear', { range: 'A2:B3' }, [['id', 'name'], [], [], ['3', 'c']]],
    [
      'sort',
      { column: 'B' },
      [
        ['id', 'name'],
        ['2', 'a'],
        ['1', 'b'],
        ['3', 'c'],
      ],
    ],
    [
      'sort',
      { column: 'B', descending: true, headerRows: 0 },
      [
        ['id', 'name'],
        ['3', 'c'],
        ['1', 'b'],
        ['2', 'a'],
      ],
    ],
    ['insertRows', { above: 2, count: 2 }, [['id', 'name'], [], [], ['1', 'b'], ['2', 'a'], ['3', 'c']]],
    [
      'deleteRows',
      { row: 3 },
      [
        ['id', 'name'],
        ['1', 'b'],
        ['3', 'c'],
      ],
    ],
    [
      'moveRows',
      { row: 4, above: 2 },
      [
        ['id', 'name'],
        ['3', 'c'],
        ['1', 'b'],
        ['2', 'a'],
      ],
    ],
    [
      'copyRows',
      { row: 2, above: 4 },
      [
        ['id', 'name'],
        ['1', 'b'],
        ['2', 'a'],
        ['1', 'b'],
        ['3', 'c'],
      ],
    ],
    [
      'copyRows',
      { row: 4, above: 2 },
      [
        ['id', 'name'],
        ['3', 'c'],
        ['1', 'b'],
        ['2', 'a'],
        ['3', 'c'],
      ],
    ],
    [
      'insertColumns',
      { before: 'B' },
      [
        ['id', '', 'name'],
        ['1', '', 'b'],
        ['2', '', 'a'],
        ['3', '', 'c'],
      ],
    ],
    ['deleteColumns', { column: 'A' }, [['name'], ['b'], ['a'], ['c']]],
    [
      'moveColumns',
      { column: 'B', before: 'A' },
      [
        ['name', 'id'],
        ['b', '1'],
        ['a', '2'],
        ['c', '3'],
      ],
    ],
  ] as const)('%s %j', async (action, args, expected) => {
    const spreadsheetId = await filled()
    const person = bench.emulator.human(spreadsheetId)
    person.act(action, args as never)
    expect(person.see()).toEqual(expected)
  })

  test('renames, adds, copies and deletes tabs', async () => {
    const spreadsheetId = await filled()
    const person = bench.emulator.human(spreadsheetId)
    person.act('addTab', { title: 'Mine' })
    person.act('renameTab', { tab: 'T', title: 'Theirs' })
    person.act('duplicateTab', { tab: 'Theirs' })
    person.act('deleteTab', { tab: 'Theirs' })
    expect(person.see('Copy of Theirs')).toEqual(DATA)
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields: 'sheets.properties.title' })
    expect(data.sheets?.map(({ properties }) => properties?.title)).toEqual(['Copy of Theirs', 'Mine'])
  })

  test('freezes, hides, filters, merges, protects and makes tables', async () => {
    const spreadsheetId = await filled()
    const person = bench.emulator.human(spreadsheetId)
    person.act('freeze', { rows: 1 })
    person.act('hideRows', { row: 2 })
    person.act('filter', { range: 'A1:B4', column: 'B', hide: ['a'] })
    person.act('protect', { range: 'A:A' })
    person.act('merge', { range: 'D1:E2' })
    person.act('table', { range: 'G1:H3', name: 'Mine' })
    const fields =
      'sheets(properties.gridProperties.frozenRowCount,merges,basicFilter.range,protectedRanges.range,tables.name,data.rowMetadata)'
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId, fields })
    expect(data.sheets?.[0]).toMatchObject({
      properties: { gridProperties: { frozenRowCount: 1 } },
      merges: [{ startColumnIndex: 3, endColumnIndex: 5 }],
      basicFilter: { range: { endRowIndex: 4 } },
      protectedRanges: [{ range: { startColumnIndex: 0, endColumnIndex: 1 } }],
      tables: [{ name: 'Mine' }],
    })
    expect(data.sheets?.[0]?.data?.[0]?.rowMetadata?.slice(0, 4)).toEqual([
      { pixelSize: 21 },
      { pixelSize: 21, hiddenByUser: true },
      { pixelSize: 21, hiddenByFilter: true },
      { pixelSize: 21 },
    ])
    person.act('clearFilter', {})
  })

  test('types dates, numbers and formulas as people do', async () => {
    const spreadsheetId = bench.make()
    const person = bench.emulator.human(spreadsheetId)
    for (const [cell, text] of [
      ['A1', '2020-01-01'],
      ['A2', '007'],
      ['A3', '=A2*2'],
      ['A4', 'true'],
    ] as const) {
      person.act('type', { cell, text })
    }
    expect(person.see()).toEqual([['2020-01-01'], ['7'], ['14'], ['TRUE']])
    const { data } = await bench.api.spreadsheets.values.get({
      spreadsheetId,
      range: 'T',
      valueRenderOption: 'UNFORMATTED_VALUE',
    })
    expect(data.values).toEqual([[43831], [7], [14], [true]])
  })

  test('is not counted and meets no fault', async () => {
    const spreadsheetId = await filled()
    const { control } = bench.emulator
    control.calls.reset()
    control.outage = 'unreachable'
    bench.emulator.human(spreadsheetId).act('sort', { column: 'A' })
    control.outage = undefined
    expect(control.calls.counts().write.calls).toBe(0)
    await bench.read(spreadsheetId)
    expect(control.calls.counts()).toMatchObject({
      read: { calls: 1, errors: 0 },
      write: { calls: 0 },
      methods: { 'spreadsheets.values.get': { calls: 1 } },
    })
  })

  test('arguments that are wrong are refused', () => {
    const person = bench.emulator.human(bench.make())
    expect(() => person.act('deleteRows', { row: 0 })).toThrow()
    expect(() => person.act('sort', { tab: 'Nope', column: 'A' })).toThrow('There is no tab Nope.')
    expect(() => bench.emulator.human('nowhere').see()).toThrow('Requested entity was not found.')
  })
})

describe('the control API over HTTP', () => {
  const control = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${bench.emulator.url}control/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at by the tests.
    return { status: response.status, body: (await response.json()) as any }
  }

  test('creates a spreadsheet with a chosen id, and deletes it', async () => {
    const created = await control('POST', 'spreadsheets', {
      spreadsheetId: 'chosen',
      properties: { title: 'Mine' },
    })
    expect(created).toEqual({ status: 200, body: { spreadsheetId: 'chosen' } })
    expect((await control('POST', 'spreadsheets', { spreadsheetId: 'chosen' })).status).toBe(400)
    const { data } = await bench.api.spreadsheets.get({ spreadsheetId: 'chosen', fields: 'properties.title' })
    expect(data).toEqual({ properties: { title: 'Mine' } })
    expect((await control('DELETE', 'spreadsheets/chosen')).status).toBe(200)
    expect((await errorOf(bench.api.spreadsheets.get({ spreadsheetId: 'chosen' }))).status).toBe(404)
    expect((await control('DELETE', 'spreadsheets/chosen')).status).toBe(404)
  })

  test('injects faults, latency, outages, quotas and refusals, and reports them', async () => {
    const spreadsheetId = await filled()
    const fault = await control('POST', 'faults', {
      kind: 'status',
      status: 503,
      match: { calls: 'read' },
      count: 5,
    })
    expect((await errorOf(bench.read(spreadsheetId))).status).toBe(503)
    const state = (await control('GET', 'state')).body
    expect(state.faults).toEqual([
      {
        id: fault.body.id,
        spec: { kind: 'status', status: 503, match: { calls: 'read' }, count: 5 },
        left: 4,
        hits: 1,
      },
    ])
    expect(state.hits['status-503']).toBeGreaterThanOrEqual(1)
    await control('DELETE', `faults/${fault.body.id}`)
    await bench.read(spreadsheetId)

    await control('POST', 'latency', { ms: 30 })
    expect(bench.emulator.control.latencyOf({ method: 'm', kind: 'read', spreadsheetId, token: '' })).toBe(30)
    await control('DELETE', 'latency')
    await control('POST', 'outage', { outage: 'unavailable' })
    expect((await errorOf(bench.read(spreadsheetId))).status).toBe(503)
    await control('POST', 'outage', { outage: null })
    await control('POST', 'quota', { limits: { perUser: 0, perProject: 0 } })
    expect((await errorOf(bench.read(spreadsheetId))).status).toBe(429)
    await control('POST', 'quota', { limits: null })
    await control('POST', 'access', { spreadsheetId, allowed: false })
    expect((await errorOf(bench.read(spreadsheetId))).status).toBe(403)
    await control('POST', 'access', { spreadsheetId, allowed: true })
    await control('POST', 'tokens', { token: 'tester', rejected: true })
    expect((await errorOf(bench.read(spreadsheetId))).status).toBe(401)
    await control('POST', 'tokens', { token: 'tester', rejected: false })
    bench.emulator.human(spreadsheetId).act('protect', { range: 'A1:B2' })
    await control('POST', 'protection', { spreadsheetId, refuse: true })
    expect((await errorOf(bench.fill(spreadsheetId, [['x']]))).message).toContain('protected cell')
    await control('POST', 'protection', { spreadsheetId, refuse: false })
    await bench.fill(spreadsheetId, [['x']])
    await control('DELETE', 'calls')
    await bench.read(spreadsheetId)
    const calls = (await control('GET', 'calls')).body
    expect(calls.read).toMatchObject({ calls: 1, errors: 0 })
    expect(calls.recent).toEqual([
      expect.objectContaining({ method: 'spreadsheets.values.get', status: 200, spreadsheetId }),
    ])
    expect(calls.recent[0].bytesOut).toBeGreaterThan(20)
  })

  test('acts as a person, with actions or requests', async () => {
    const spreadsheetId = await filled()
    expect((await control('POST', 'human', { spreadsheetId, action: 'sort', column: 'B' })).status).toBe(200)
    const requests = [
      { deleteDimension: { range: { sheetId: 0, dimension: 'ROWS', startIndex: 1, endIndex: 2 } } },
    ]
    expect((await control('POST', 'human', { spreadsheetId, requests })).body).toEqual({ replies: [{}] })
    expect(bench.emulator.human(spreadsheetId).see()).toEqual([
      ['id', 'name'],
      ['1', 'b'],
      ['3', 'c'],
    ])
  })

  test.each([
    ['POST', 'faults', { kind: 'status', status: 418 }, 400, 'Invalid input'],
    ['POST', 'faults', { kind: 'nothing' }, 400, 'Invalid input'],
    [
      'POST',
      'human',
      { spreadsheetId: 'x', action: 'dance' },
      400,
      'There is no action dance. There are: type,',
    ],
    ['POST', 'human', { spreadsheetId: 'x', action: 'deleteRows', row: 'two' }, 400, 'row'],
    ['POST', 'spreadsheets', { spreadsheetId: 'a/b' }, 400, 'letters, digits'],
    ['POST', 'spreadsheets', { nonsense: 1 }, 400, 'Unknown name "nonsense"'],
    ['POST', 'quota', {}, 400, 'limits'],
    ['GET', 'nothing', undefined, 404, 'The control API has no GET /control/nothing'],
  ])('%s %s %j is refused', async (method, path, body, status, message) => {
    const answer = await control(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.body.error.message).toContain(message)
  })

  test('is closed to pages of other sites', async () => {
    const answer = await control(
      'POST',
      'outage',
      { outage: 'unavailable' },
      { origin: 'https://example.org' },
    )
    expect(answer.status).toBe(403)
    expect(bench.emulator.control.outage).toBeUndefined()
  })

  test('the token endpoint gives each service account a token of its own', async () => {
    const assertion = (iss: string) => `h.${Buffer.from(JSON.stringify({ iss })).toString('base64url')}.s`
    const token = async (iss: string) => {
      const body = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion(iss),
      })
      return (
        (await fetch(`${bench.emulator.url}token`, { method: 'POST', body }).then((response) =>
          response.json(),
        )) as {
          access_token: string
        }
      ).access_token
    }
    expect(await token('a@x')).toBe(await token('a@x'))
    expect(await token('a@x')).not.toBe(await token('b@x'))
  })
})
