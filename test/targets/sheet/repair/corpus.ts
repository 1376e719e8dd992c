import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { NO_EDITS } from '../../../../src/inbound/inbox.ts'
import type { TabView } from '../../../../src/targets/sheet/read/tab-view.ts'
import type { Findings } from '../../../../src/targets/sheet/repair/findings.ts'
import { DamageLedger, type RecordsInHand } from '../../../../src/targets/sheet/repair/ledger.ts'
import type { Leftover, Suspicion } from '../../../../src/targets/sheet/repair/suspicion.ts'
import type { ReadRecords } from '../../../../src/targets/sheet/repair/wrong-rows.ts'
import { KeyColumn } from '../../../../src/targets/sheet/tab/key-column.ts'
import { mapTarget } from '../../../../src/targets/sheet/tab/mapping.ts'
import { dataModel, tripTarget } from '../support/records.ts'
import { decode, encode, type Graph } from './graph.ts'

/*
 * Searches for damage as they came up in the random tests, with what was found: `corpus.json.br` beside this file. They are
 * replayed without Sheets API and Postgres. `RECORD_REPAIRS=1 npx vitest run --maxWorkers 1 test/targets/sheet` adds more.
 */

const FILE = new URL('corpus.json.br', import.meta.url)

/** A search: everything that `findDamage` looks at, and what it answered. */
export interface Case {
  readonly columns: unknown
  readonly layout: TabView['layout']
  readonly isWhole: boolean
  readonly keys: readonly (readonly [row: number, key: string])[]
  readonly cells: TabView['cells']
  readonly rows: TabView['rows']
  readonly suspicion: Suspicion | undefined
  readonly leftovers: readonly Leftover[]
  /** In the order of `leftovers`. */
  readonly attempted: readonly (number | undefined)[]
  readonly isResumed: boolean
  readonly pending: readonly string[]
  readonly ids: readonly string[]
  readonly stored: ReadRecords['stored']
  readonly found: Found
}

/** What a search found, as plain data. */
export type Found = ReturnType<typeof plain>

export function plain(found: Findings) {
  const { repairs, removedByMistake, overwritten, rowsToRekey, removals, isDeferred, leftovers, attempts } =
    found
  return {
    repairs: [...repairs].sort(),
    removedByMistake: [...removedByMistake].sort(),
    overwritten: [...overwritten].map(([id, columns]) => [id, [...columns].sort()] as const).sort(),
    rowsToRekey: [...rowsToRekey].sort(),
    removals: removals.map(({ id, action }) => ({ id, action })),
    isDeferred,
    leftovers: [...leftovers],
    attempts: [...attempts.values()],
  }
}

/** What a search was asked, and answered. Undefined where there was nothing to look for. */
export function caseOf(
  records: RecordsInHand & { readonly todo: ReadonlyMap<string, unknown> },
  view: TabView,
  { ids, stored }: ReadRecords,
  found: Findings,
): Case | undefined {
  const { damage, mapping, todo } = records
  if (damage.isEmpty || mapping.columns.some(({ strategy }) => typeof strategy === 'object')) return undefined
  return {
    columns: mapping.target.columns,
    layout: view.layout,
    isWhole: view.keys.isWhole,
    keys: [...view.keys.entries()],
    cells: view.cells,
    rows: view.rows,
    suspicion: damage.suspicion,
    leftovers: damage.leftovers,
    attempted: damage.leftovers.map((one) => damage.attemptedRow(one)),
    isResumed: damage.isResumed,
    pending: [...todo.keys()],
    ids,
    stored,
    found: plain(found),
  }
}

/** The arguments of `findDamage` for a case. */
export function argumentsOf(one: Case): [records: RecordsInHand, view: TabView, read: ReadRecords] {
  const mapping = mapTarget(tripTarget('sheet', { columns: one.columns as never }), dataModel)
  const keys = new KeyColumn(one.isWhole)
  for (const [row, key] of one.keys) keys.set(row, key)
  const damage = new DamageLedger()
  if (one.isResumed) damage.resume(undefined, [])
  if (one.suspicion) damage.suspect(one.suspicion)
  const attempts = one.leftovers.flatMap((leftover, at): [Leftover, number][] => {
    const row = one.attempted[at]
    return row === undefined ? [] : [[leftover, row]]
  })
  damage.addLeftovers(one.leftovers)
  damage.noteAttempts(new Map(attempts))
  const pending = new Set(one.pending)
  const records: RecordsInHand = {
    mapping,
    damage,
    isPending: (id) => pending.has(id),
    repair: () => {},
    markOverwritten: () => {},
  }
  const view = { mapping, layout: one.layout, keys, cells: one.cells, rows: one.rows } as TabView
  return [records, view, { ids: one.ids, stored: one.stored, edits: NO_EDITS }]
}

export function load(): Case[] {
  return lines().map((line) => decode(JSON.parse(line) as Graph) as Case)
}

/** A case as a line of the file, to be written down before anything of it changes. */
export function lineOf(one: Case): string {
  return JSON.stringify(encode(one))
}

/** Adds lines to the file: those that are not there yet. @returns how many there are now */
export function add(more: readonly string[]): number {
  const all = new Set([...(existsSync(FILE) ? lines() : []), ...more])
  // The cases have much in common: with a large window they take a hundredth.
  const params = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_QUALITY]: 9 }
  writeFileSync(FILE, brotliCompressSync(`${[...all].join('\n')}\n`, { params }))
  return all.size
}

function lines(): string[] {
  const text = brotliDecompressSync(readFileSync(FILE)).toString()
  return text.split('\n').filter((line) => line !== '')
}
