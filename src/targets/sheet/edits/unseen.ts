import type { UnseenEdits } from '../../operator.ts'
import type { SheetTarget } from '../config/target.ts'
import type { Unseen } from '../store/unseen.ts'

/** A column that had to be added again is told of for so long: nobody can see whether the old one was renamed. */
const TOLD_MS = 24 * 60 * 60_000

/** What a look found of the columns that it needs. */
export interface LookFound {
  /** The tab's title. */
  readonly tab: string
  /** Headers that are not there; undefined where the tab is gone. */
  readonly missing: readonly string[] | undefined
  /** Where columns stand, or stood when they were last seen, by header. */
  readonly columns: Readonly<Record<string, number>>
}

/**
 * What is to be told of columns that looks miss, after another look.
 * @param before what was told until now
 */
export function afterLook(
  before: Unseen | undefined,
  { tab, missing, columns }: LookFound,
  now: Date,
): Unseen | undefined {
  if (missing === undefined || missing.length > 0) {
    const headers = missing ?? []
    const isSame = before && before.overAt === undefined && before.headers.join('\n') === headers.join('\n')
    return isSame ? before : { tab, headers, stood: placesOf(headers, columns), since: now.toISOString() }
  }
  if (before === undefined) return undefined
  // Whoever gave a column its header back has put all right.
  const elsewhere = before.headers.filter((header) => columns[header] !== before.stood[header])
  const overAt = before.overAt ?? now.toISOString()
  if (elsewhere.length === 0 || now.getTime() - Date.parse(overAt) > TOLD_MS) return undefined
  return before.overAt !== undefined && elsewhere.length === before.headers.length
    ? before
    : { ...before, headers: elsewhere, overAt }
}

/** What is to be told of columns that a batch found missing, and has added. @param stood where they had stood, by header */
export function addedAgain(tab: string, stood: Readonly<Record<string, number>>, now: Date): Unseen {
  const at = now.toISOString()
  return { tab, headers: Object.keys(stood), stood, since: at, overAt: at }
}

/** The same in words for operators. @param place what is stored of the target's place */
export function toldOfUnseen(
  { name }: SheetTarget,
  { unseen }: { readonly unseen?: Unseen },
): UnseenEdits | null {
  if (unseen === undefined) return null
  const { tab, headers, since, overAt } = unseen
  const code = 'EDITS_UNSEEN'
  const columns = `column${headers.length === 1 ? '' : 's'} ${headers.map((header) => `"${header}"`).join(', ')}`
  if (headers.length === 0) {
    return {
      ...{ code, since: new Date(since) },
      message: `tab "${tab}" is gone: what people typed into it last is not seen`,
      remedy: `Restore it from the spreadsheet's version history; else it is made again, with every record: writeback reconcile ${name}`,
    }
  }
  if (overAt === undefined) {
    return {
      ...{ code, since: new Date(since) },
      message: `tab "${tab}" has no ${columns} any more: what people type there is not seen`,
      remedy: 'Type the header above its column again; a deleted column is added with the next change',
    }
  }
  const [was, one] = headers.length === 1 ? ['was', 'the added one'] : ['were', 'the added ones']
  return {
    ...{ code, since: new Date(overAt) },
    message: `${columns} of tab "${tab}" ${was} gone, and added again: where somebody had only changed the header, what people type into the old column is not seen`,
    remedy: `If so, type the header above the old column again, then delete ${one}; else nothing, this is told for a day`,
  }
}

function placesOf(
  headers: readonly string[],
  columns: LookFound['columns'],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    headers.flatMap((header) => (header in columns ? [[header, columns[header] as number]] : [])),
  )
}
