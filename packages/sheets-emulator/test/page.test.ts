import { describe, expect, test } from 'vitest'
import { useEmulator } from './support.ts'

const bench = useEmulator()

const get = (path: string, init?: RequestInit) => fetch(bench.emulator.url + path, init)

/** Reads Server-Sent Events until `done` or the time is up. */
async function follow(
  path: string,
  work: () => unknown,
  done: (versions: number[]) => boolean,
): Promise<number[]> {
  const abort = new AbortController()
  const response = await get(path, { signal: AbortSignal.any([abort.signal, AbortSignal.timeout(5_000)]) })
  const versions: number[] = []
  let text = ''
  let worked = false
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const events = text.split('\n\n')
    text = events.pop()!
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data) versions.push(JSON.parse(data).version)
    }
    if (!worked && versions.length > 0) {
      worked = true
      work()
    }
    if (done(versions)) break
  }
  abort.abort()
  return versions
}

describe('pages', () => {
  test.each(['', 'spreadsheets/ID', 'spreadsheets/ID/', 'spreadsheets/d/ID', 'spreadsheets/d/ID/edit'])(
    '/%s',
    async (path) => {
      const id = bench.make()
      const response = await get(path.replace('ID', id))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
      const html = await response.text()
      // Everything it loads comes from here, and exists.
      const assets = [...html.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map((match) => match[1]!)
      expect(assets.length).toBeGreaterThanOrEqual(2)
      expect(html).not.toMatch(/(?:src|href)="(?!\/|data:)/)
      for (const asset of assets) {
        const loaded = await get(asset.slice(1))
        expect(loaded.status).toBe(200)
        expect(loaded.headers.get('content-type')).toMatch(/javascript|css/)
        for (const [, other] of (await loaded.text()).matchAll(/from '(\/page\/[^']+)'/g)) {
          expect((await get(other!.slice(1))).status).toBe(200)
        }
      }
    },
  )

  test.each([
    'spreadsheets/nowhere',
    'page/spreadsheets/nowhere',
    'page/nothing.js',
    'page/..%2fpage.ts',
    'favicon.ico',
  ])('/%s is 404', async (path) => {
    expect((await get(path)).status).toBe(404)
  })
})

describe('what the pages fetch', () => {
  test('the list of spreadsheets with what they hold', async () => {
    const id = bench.make()
    await bench.fill(id, [['a'], ['b']])
    const { spreadsheets } = (await get('page/list').then((response) => response.json())) as {
      spreadsheets: object[]
    }
    expect(spreadsheets).toContainEqual({ id, title: 'Test', tabs: [{ title: 'T', rows: 2 }], version: 2 })
  })

  test('tabs with their sizes, frozen rows and widths', async () => {
    const id = bench.make()
    bench.emulator.human(id).act('freeze', { rows: 2 })
    const data = await get(`page/spreadsheets/${id}`).then((response) => response.json())
    expect(data).toMatchObject({
      title: 'Test',
      tabs: [
        {
          sheetId: 0,
          title: 'T',
          rowCount: 20,
          columnCount: 8,
          filledRows: 0,
          frozenRows: 2,
          widths: Array(8).fill(100),
        },
      ],
    })
  })

  test('rows in pages: text as it is, kinds, formulas, notes, hidden rows', async () => {
    const id = bench.make()
    const person = bench.emulator.human(id)
    await bench.fill(id, [['<b>"&'], [1, true], ['hidden']])
    person.act('type', { cell: 'C2', text: '=A2+1' })
    person.act('hideRows', { row: 3 })
    const rows = async (query: string) =>
      (
        await get(`page/spreadsheets/${id}/rows?${query}`).then(
          (response) => response.json() as Promise<{ rows: unknown }>,
        )
      ).rows
    expect(await rows('sheet=0&from=0&count=3')).toEqual([
      { c: ['<b>"&'] },
      {
        c: [
          { t: '1', k: 'n' },
          { t: 'TRUE', k: 'b' },
          { t: '2', k: 'n', f: '=A2+1' },
        ],
      },
      { c: ['hidden'], h: 1 },
    ])
    expect(await rows('sheet=0&from=19&count=100')).toEqual([{ c: [] }])
    expect(await rows('sheet=0&from=5000&count=10')).toEqual([])
    expect((await get(`page/spreadsheets/${id}/rows?sheet=9&from=0&count=1`)).status).toBe(404)
    expect((await get(`page/spreadsheets/${id}/rows?sheet=0&from=x`)).status).toBe(400)
  })

  test('events tell of changes, several of a moment as one, and of no others', async () => {
    const [id, other] = [bench.make(), bench.make()]
    const versions = await follow(
      `page/spreadsheets/${id}/events`,
      () => {
        bench.emulator.human(other).act('type', { cell: 'A1', text: 'x' })
        for (let i = 0; i < 50; i++) bench.emulator.human(id).act('type', { cell: 'A1', text: String(i) })
      },
      (seen) => seen.at(-1) === seen[0]! + 50,
    )
    expect(versions.length).toBeLessThanOrEqual(3)
  })

  test('the list follows new spreadsheets', async () => {
    const versions = await follow(
      'page/events',
      () => bench.make(),
      (seen) => seen.length > 1,
    )
    expect(versions).toHaveLength(2)
  })
})
