import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Layout } from '../tab/layout.ts'
import type { Mapping } from '../tab/mapping.ts'

/** How our protections are told from people's. */
const DESCRIPTION = 'prisma-writeback'

/**
 * Protects whole columns of ours that nobody may change against everybody but the service account (and the spreadsheet's
 * owner, whom Google never refuses), in as few ranges as there are runs of columns.
 *
 * @param present protections of the tab, those of people too
 */
export function lockRequests(
  { target, columns, account }: Mapping,
  sheetId: number,
  layout: Layout,
  present: readonly sheets_v4.Schema$ProtectedRange[],
): sheets_v4.Schema$Request[] {
  if (!target.edits?.lock) return []
  const ours = present.filter(({ description }) => description === DESCRIPTION)
  const isLocked = (column: number) =>
    ours.some(
      ({ range }) =>
        column >= (range?.startColumnIndex ?? 0) &&
        column < (range?.endColumnIndex ?? Number.POSITIVE_INFINITY),
    )
  const open = [
    layout.key,
    ...columns.flatMap(({ isWritable }, index) => (isWritable ? [] : (layout.columns[index] as number))),
  ]
    .filter((column) => !isLocked(column))
    .sort((a, b) => a - b)
  return runsOf(open).map(([startColumnIndex, endColumnIndex]) => ({
    addProtectedRange: {
      protectedRange: {
        range: { sheetId, startColumnIndex, endColumnIndex },
        description: DESCRIPTION,
        ...(account && { editors: { users: [account] } }),
      },
    },
  }))
}

/** Numbers in order, as runs [from, to). */
function runsOf(numbers: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last && last[1] === number) last[1]++
    else runs.push([number, number + 1])
  }
  return runs
}
