import { setTimeout as sleep } from 'node:timers/promises'
import { startEmulator } from '../../packages/sheets-emulator/index.ts'
import type { Fact } from '../people/facts.ts'
import { actionByKind, MOVES } from '../people/index.ts'
import { PersonalSheet } from '../people/personal-sheet.ts'
import { Random } from '../random.ts'
import { TABS, type TortureTab } from '../spreadsheets.ts'
import { type CellWrites, echoesOf } from './echoes.ts'
import type { EmulatorReply, EmulatorRequest, PersonalDoing } from './emulator-messages.ts'

/*
 * The emulator as a process of its own, with what its HTTP control cannot do: people who see and act in one moment,
 * and things that happen between a worker's read and the moment its write is applied.
 */

/** Time that each call takes, about that of Google's: much happens between a read and a write. */
const LATENCY_MS = 200

/** Least time between two moves of rows in a tab that people edit, where the second is timed to hit a write: docs/sheet.md. */
const MOVES_EVERY_MS = 3_000
const MOVES_ROWS = new Set(MOVES.map(({ kind }) => kind).filter((kind) => kind !== 'edit a cell'))

type Waiting = Extract<EmulatorRequest, { kind: 'ambush' | 'hold' }>

const emulator = await startEmulator({ latencyMs: LATENCY_MS })
const waiting = new Map<number, Waiting>()
/** People rename tabs: a tab is known by its id once it has been seen. */
const sheetIds = new Map<string, number>()

/** What happened, in the log of a run: a failure is read from it. */
function log(what: string, details: object): void {
  process.stdout.write(`${JSON.stringify({ time: Date.now(), what, ...details })}\n`)
}

function tell(reply: EmulatorReply): void {
  if (process.connected) process.send?.(reply)
}

function sheetIdOf({ target, spreadsheetId, title }: TortureTab): number | undefined {
  const { tabs } = emulator.control.spreadsheets.find(spreadsheetId)
  const known = sheetIds.get(target)
  const found = tabs.find(({ sheetId, meta }) =>
    known === undefined ? meta.title === title : sheetId === known,
  )
  if (found) sheetIds.set(target, found.sheetId)
  return found?.sheetId
}

function act({ target, action, salt }: PersonalDoing): readonly Fact[] | undefined {
  const tab = TABS.find((one) => one.target === target) as TortureTab
  const sheetId = sheetIdOf(tab)
  if (sheetId === undefined) return undefined
  const human = emulator.human(tab.spreadsheetId)
  const screen = {
    see: () => human.see(sheetId),
    apply: (requests: readonly object[]) => void human.apply(requests),
  }
  const headers = () => headersIn(tab, human.see(sheetId)).join()
  const before = headers()
  lastAct.set(tab.target, ++moment)
  if (MOVES_ROWS.has(action)) lastMove.set(tab.target, Date.now())
  const sheet = new PersonalSheet(tab, sheetId, screen)
  const facts = sheet.isReady ? actionByKind(action).act(sheet, new Random(salt)) : undefined
  if (headers() !== before) lastShift.set(tab.target, moment)
  log('person', { moment, target, action, facts, headers: headers() })
  return facts
}

function happened(id: number, facts: readonly Fact[] | undefined): void {
  tell(facts === undefined ? { id } : { id, facts })
}

function spreadsheetOf(request: Waiting): string {
  if (request.kind === 'hold') return request.spreadsheetId
  return TABS.find((tab) => tab.target === request.doing.target)?.spreadsheetId ?? ''
}

/** Reads of a tab that a write may have been planned on. */
interface Reads {
  /** The first one since the last write, and when it was. */
  readonly first?: { readonly moment: number; readonly at: number }
  readonly last: number
}

/** A plan is carried out at once, if the database answers; what was read earlier was read for something else. */
const PLAN_MS = 10_000

/** Order of reads and of what people did, by tab. */
const reads = new Map<string, Reads>()
const lastAct = new Map<string, number>()
/** When rows, or columns, were last moved, in milliseconds. */
const lastMove = new Map<string, number>()
/** When columns changed their places. */
const lastShift = new Map<string, number>()
let moment = 0

interface Located {
  readonly appendCells?: { readonly sheetId?: number; readonly rows?: readonly unknown[] }
  readonly deleteDimension?: {
    readonly range: { readonly sheetId?: number; readonly startIndex: number; readonly endIndex: number }
  }
  readonly updateCells?: {
    readonly start?: { readonly sheetId?: number; readonly rowIndex?: number; readonly columnIndex?: number }
    readonly rows?: readonly {
      readonly values?: readonly { readonly userEnteredValue?: { readonly stringValue?: string } }[]
    }[]
  }
}

interface Read {
  readonly dataFilters?: readonly { readonly gridRange?: { readonly sheetId?: number } }[]
}

function tabsOf(spreadsheetId: string): readonly TortureTab[] {
  return TABS.filter((tab) => tab.spreadsheetId === spreadsheetId)
}

function noteRead(spreadsheetId: string, body: string): void {
  if (body === '') return
  const { dataFilters = [] } = JSON.parse(body) as Read
  const read = new Set(dataFilters.map(({ gridRange }) => gridRange && (gridRange.sheetId ?? 0)))
  const now = { moment: ++moment, at: Date.now() }
  for (const tab of tabsOf(spreadsheetId)) {
    if (!read.has(sheetIdOf(tab))) continue
    const first = reads.get(tab.target)?.first ?? now
    log('read', { moment, target: tab.target })
    reads.set(tab.target, { first: now.at - first.at > PLAN_MS ? now : first, last: now.moment })
  }
}

/** What the write that arrives now was planned on, by tab: a moment. */
function plansOf(spreadsheetId: string): Map<string, number> {
  const plans = new Map<string, number>()
  for (const { target } of tabsOf(spreadsheetId)) {
    const known = reads.get(target)
    if (!known) continue
    plans.set(target, known.first?.moment ?? known.last)
    reads.set(target, { last: known.last })
  }
  return plans
}

/**
 * What a write is about to remove or to write over in tabs that people changed after they were read: texts of people's,
 * and cells of rows that it was not meant for.
 */
function whatIsHit(
  changed: readonly TortureTab[],
  isShifted: (target: string) => boolean,
  body: string,
): Fact[] {
  const { requests = [] } = JSON.parse(body) as { requests?: readonly Located[] }
  const facts: Fact[] = []
  for (const tab of changed) {
    const { spreadsheetId } = tab
    const sheetId = sheetIdOf(tab)
    if (sheetId === undefined) continue
    const rows = emulator.human(spreadsheetId).see(sheetId)
    const headers = headersIn(tab, rows)
    const note = (row: number, from: number, to: number) => {
      // With its header a column of people's becomes the library's.
      const columns = rows[row] === headers ? rows.flatMap((cells) => cells.slice(from, to)) : []
      for (const text of [...(rows[row]?.slice(from, to) ?? []), ...columns]) {
        if (/^(remark|own row|typed|edit|new|nonsense) /.test(text))
          facts.push({ kind: 'text hit in a race', target: tab.target, text })
      }
    }
    for (const { appendCells: added, deleteDimension: removed, updateCells: written } of requests) {
      if (added && (added.sheetId ?? 0) === sheetId && isShifted(tab.target)) {
        for (const _ of added.rows ?? []) facts.push({ kind: 'row added in a race', target: tab.target })
      }
      if (removed && (removed.range.sheetId ?? 0) === sheetId) {
        for (let row = removed.range.startIndex; row < removed.range.endIndex; row++) {
          note(row, 0, Number.MAX_SAFE_INTEGER)
          const key = keyIn(tab, rows, row)
          if (key !== '') facts.push({ kind: 'row hit in a race', target: tab.target, key })
        }
      }
      if (written?.start && (written.start.sheetId ?? 0) === sheetId) {
        const { rowIndex = 0, columnIndex = 0 } = written.start
        written.rows?.forEach(({ values = [] }, at) => {
          note(rowIndex + at, columnIndex, columnIndex + values.length)
          const texts = values.flatMap(({ userEnteredValue: value }) => value?.stringValue ?? [])
          facts.push(...cellsHit(tab, rows, rowIndex + at, columnIndex, columnIndex + values.length, texts))
        })
      }
    }
  }
  return facts
}

function headersIn({ key }: TortureTab, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.find((cells) => cells.includes(key)) ?? []
}

function keyIn(tab: TortureTab, rows: readonly (readonly string[])[], row: number): string {
  return rows[row]?.[headersIn(tab, rows).indexOf(tab.key)] ?? ''
}

function cellsHit(
  tab: TortureTab,
  rows: readonly (readonly string[])[],
  row: number,
  from: number,
  to: number,
  texts: readonly string[],
): Fact[] {
  const { target } = tab
  const headers = headersIn(tab, rows)
  const key = keyIn(tab, rows, row)
  if (key === '') return [{ kind: 'keyless row hit in a race', target, texts }]
  return headers.slice(from, to).map((header) => ({ kind: 'cell hit in a race', target, key, header }))
}

emulator.control.before(async ({ method, kind, spreadsheetId = '' }, body) => {
  if (kind === 'read') noteRead(spreadsheetId, body)
  if (method !== 'spreadsheets.batchUpdate') return
  const plannedOn = plansOf(spreadsheetId)
  await ambushed(spreadsheetId)
  const isAfterRead = (moments: ReadonlyMap<string, number>, target: string) =>
    (moments.get(target) ?? 0) > (plannedOn.get(target) ?? 0)
  const changed = tabsOf(spreadsheetId).filter(({ target }) => isAfterRead(lastAct, target))
  const hit = whatIsHit(changed, (target) => isAfterRead(lastShift, target), body)
  const seen = [...hit, ...echoesIn(spreadsheetId, changed, body)]
  log('write', { moment, spreadsheetId, plannedOn: Object.fromEntries(plannedOn), seen, body })
  if (seen.length > 0) tell({ seen })
})

/** Numbers of the fences that have arrived: a call that carries one again is refused. */
const fences = new Set<number>()

interface Fenced extends CellWrites {
  readonly createDeveloperMetadata?: { readonly developerMetadata?: { readonly metadataId?: number } }
}

function echoesIn(spreadsheetId: string, changed: readonly TortureTab[], body: string): Fact[] {
  const { requests = [] } = JSON.parse(body) as { requests?: readonly Fenced[] }
  const numbers = requests.flatMap(
    ({ createDeveloperMetadata: created }) => created?.developerMetadata?.metadataId ?? [],
  )
  const isLate = numbers.some((number) => fences.has(number))
  for (const number of numbers) fences.add(number)
  if (isLate) return []
  return tabsOf(spreadsheetId).flatMap((tab) => {
    const sheetId = sheetIdOf(tab)
    if (tab.writableHeaders.length === 0 || sheetId === undefined || changed.includes(tab)) return []
    return echoesOf(tab, sheetId, emulator.human(spreadsheetId).see(sheetId), requests)
  })
}

/** What the library promises of a tab in which people edit holds where rows are not moved again while it repairs. */
function isTooSoon({ target, action }: PersonalDoing): boolean {
  const tab = TABS.find((one) => one.target === target)
  const isMove = MOVES_ROWS.has(action) && (tab?.writableHeaders.length ?? 0) > 0
  return isMove && Date.now() - (lastMove.get(target) ?? Number.NEGATIVE_INFINITY) < MOVES_EVERY_MS
}

async function ambushed(spreadsheetId: string): Promise<void> {
  const found = [...waiting.values()].find(
    (request) =>
      spreadsheetOf(request) === spreadsheetId && !(request.kind === 'ambush' && isTooSoon(request.doing)),
  )
  if (!found) return
  // Only this write: others that arrive while it is held up overtake it.
  waiting.delete(found.id)
  if (found.kind === 'ambush') return happened(found.id, act(found.doing))
  tell({ id: found.id })
  await sleep(found.ms)
}

function isThere({ spreadsheetId, text }: Extract<EmulatorRequest, { kind: 'seek' }>): boolean {
  const human = emulator.human(spreadsheetId)
  return TABS.some((tab) => {
    const sheetId = tab.spreadsheetId === spreadsheetId ? sheetIdOf(tab) : undefined
    // Json shows a text in quotes.
    const isText = (cell: string) => cell === text || cell === JSON.stringify(text)
    return sheetId !== undefined && human.see(sheetId).some((row) => row.some(isText))
  })
}

process.on('message', (request: EmulatorRequest) => {
  if (request.kind === 'cancel') waiting.delete(request.id)
  else if (request.kind === 'seek') tell({ id: request.id, isThere: isThere(request) })
  else if (request.kind === 'person') happened(request.id, act(request.doing))
  else waiting.set(request.id, request)
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => {})
tell({ ready: emulator.url })
