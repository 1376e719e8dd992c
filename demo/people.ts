import { setTimeout as sleep } from 'node:timers/promises'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import type { PrismaClient } from '../prisma/generated/client/client.ts'

/** What people did in the sheet, and what became of it. */
export interface PeoplesWork {
  /** Cells that they typed, and rows that they added. */
  readonly edits: number
  /** Milliseconds from a cell to its record: the middle, and the longest. */
  readonly p50: number
  readonly longest: number
  /** What stands beside the row in which somebody typed nonsense; undefined when nothing does. */
  readonly reason: string | undefined
}

/** An edit that has not reached its record after this time never will, in milliseconds. */
const WITHIN_MS = 60_000

const CELLS = 5

/**
 * Does what people in an office do: some numbers are corrected, a row is added, one types nonsense. Waits until the records
 * have it.
 */
export async function workInTheSheet(
  api: sheets_v4.Sheets,
  spreadsheetId: string,
  prisma: PrismaClient,
): Promise<PeoplesWork> {
  const [header = [], ...rows] = await read(api, spreadsheetId)
  const column = (name: string) => String.fromCharCode(65 + header.indexOf(name))
  const type = (range: string, values: unknown[][]) =>
    api.spreadsheets.values.update({
      spreadsheetId,
      range: `Requests!${range}`,
      valueInputOption: 'USER_ENTERED',
      requestBody: { values },
    })
  const latencies: number[] = []
  const timed = async (isThere: () => Promise<boolean>) => {
    const began = performance.now()
    while (!(await isThere())) {
      if (performance.now() - began > WITHIN_MS)
        throw new Error('an edit in the sheet has not reached its record')
      await sleep(25)
    }
    latencies.push(performance.now() - began)
  }
  const chosen = rows.slice(0, CELLS)
  for (const [at, row] of chosen.entries()) {
    await type(`${column('Travellers')}${at + 2}`, [[20 + at]])
    const id = String(row[0])
    await timed(async () => (await prisma.request.findUnique({ where: { id } }))?.passengers === 20 + at)
  }
  const added = rows.length + 2
  await type(`${column('Reference')}${added}:${column('Customer')}${added}`, [
    ['900001', 'NEW', 'Walk-in customer'],
  ])
  await type(`${column('Travellers')}${added}`, [[2]])
  await timed(async () => (await prisma.request.count({ where: { reference: '900001' } })) === 1)
  const wrong = Math.min(rows.length, CELLS + 1) + 1
  await type(`${column('Travellers')}${wrong}`, [['a few']])
  const reason = await reasonIn(api, spreadsheetId, wrong, column('Sync'))
  // Put right again: sheet and database are to agree in the end.
  await type(`${column('Travellers')}${wrong}`, [[3]])
  const id = String(rows[wrong - 2]?.[0])
  await timed(async () => (await prisma.request.findUnique({ where: { id } }))?.passengers === 3)
  const sorted = latencies.sort((a, b) => a - b)
  return {
    edits: CELLS + 3,
    p50: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    longest: Math.round(sorted.at(-1) ?? 0),
    reason,
  }
}

async function read(api: sheets_v4.Sheets, spreadsheetId: string, range = 'Requests'): Promise<unknown[][]> {
  const { data } = await api.spreadsheets.values.get({
    spreadsheetId,
    range,
    valueRenderOption: 'UNFORMATTED_VALUE',
  })
  return (data.values ?? []) as unknown[][]
}

async function reasonIn(api: sheets_v4.Sheets, spreadsheetId: string, row: number, column: string) {
  for (const until = performance.now() + WITHIN_MS; performance.now() < until; await sleep(100)) {
    const [[text] = []] = await read(api, spreadsheetId, `Requests!${column}${row}`)
    if (typeof text === 'string' && text !== '') return text
  }
  return undefined
}
