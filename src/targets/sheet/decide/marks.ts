import { type CellLook, PLAIN, type RowLooks, sameLook } from '../cells/look.ts'
import type { TabView } from '../read/tab-view.ts'

/*
 * The mark of a refused edit: a line in the cell's note, and a background. It says of itself that it is ours, and what the
 * cell's background was. So whoever reads the cell can take the mark away, and nothing has to be stored: not by a worker
 * that dies after the call, and not where people sort rows, as a note and a background go with their cell.
 *
 *   note before          note with the mark
 *   ''                   '⚠ Not stored: "many" is no whole number'
 *   'ask Ada'            'ask Ada' and, below it, '⚠ Not stored: "many" is no whole number'
 *   on a yellow cell     '⚠ Not stored: "many" is no whole number (colour before: #ffff00)'
 */

/** Background of a marked cell: "light red 3" of the palette of Google Sheets. */
export const MARK_COLOR = '#f4cccc'

const SIGN = '⚠ Not stored:'

/** The line of a mark, with the line break that divides it from a note of people's above, or below. */
const LINE = new RegExp(
  `(?:^${SIGN}|\\n${SIGN}) (?<reason>[^\\n]*?)(?: \\(colour before: (?<color>[^\\s)]+\\)?)\\))?(?:(?=\\n)|$)`,
)

/** A row in a tab whose refused cells are marked. */
export interface RowMarks {
  readonly looks: RowLooks
  /** Columns of the tab, in the order of the mapping's. */
  readonly columns: readonly number[]
  /** What cells looked like into which a call of ours put a mark that was for another row. */
  readonly before?: RowLooks | undefined
}

/** Whether a cell is marked as refused. */
export function isMarked({ note }: CellLook): boolean {
  return LINE.test(note)
}

/** The look of a cell with the mark of a refused edit. Marked once more it stays as it is. */
export function marked(look: CellLook, reason: string): CellLook {
  const text = reason.replace(/\s+/g, ' ').trim()
  const known = LINE.exec(look.note)?.groups
  if (known?.reason === text) return look
  // A person may have coloured the cell since, and that stays.
  const color = notOurs(known ? known.color : look.color)
  const line = `${SIGN} ${text}${color === null ? '' : ` (colour before: ${color})`}`
  const { note } = known ? unmarked(look) : look
  return { note: note === '' ? line : `${note}\n${line}`, color: known ? look.color : MARK_COLOR }
}

/** The look of a cell without the mark: as it was, with what people have done to note and background since. */
export function unmarked(look: CellLook): CellLook {
  const found = LINE.exec(look.note)
  if (!found) return look
  const before = look.note.slice(0, found.index)
  const after = look.note.slice(found.index + found[0].length)
  const note = before === '' ? after.replace(/^\n/, '') : before + after
  const color = look.color === MARK_COLOR ? notOurs(found.groups?.color) : look.color
  // A person may have put two notes together.
  return unmarked({ note, color })
}

/** A background that is to come back: ours does not, it stands alone where a person deleted the note. */
function notOurs(color: string | null | undefined): string | null {
  return color === undefined || color === MARK_COLOR ? null : color
}

/**
 * What has to be done to a row so that exactly the refused cells are marked. A mark in any other cell goes, also where it
 * came into a wrong column.
 * @param row undefined where refusals are not marked
 * @param reasons why cells are refused, by column of the tab
 * @param known columns of cells that are known to have been refused: our background is the mark's there, though the note is
 * gone. In any other cell it may be a person's own.
 * @returns new looks by column of the tab
 */
export function marksToWrite(
  row: RowMarks | undefined,
  reasons: ReadonlyMap<number, string>,
  known: ReadonlySet<number> = new Set(),
): Map<number, CellLook> {
  if (row === undefined) return new Map()
  const { looks, before } = row
  const changed = new Map<number, CellLook>()
  for (const column of new Set([...looks.keys(), ...reasons.keys()])) {
    const now = looks.get(column) ?? PLAIN
    const look = (isMarked(now) ? before?.get(column) : undefined) ?? now
    const reason = reasons.get(column)
    const clean = unmarked(look)
    const plain = known.has(column) ? { ...clean, color: notOurs(clean.color) } : clean
    const next = reason === undefined ? plain : marked(look, reason)
    if (!sameLook(now, next)) changed.set(column, next)
  }
  return changed
}

/** How a row looks that was read; undefined where refusals are not marked. */
export function rowMarks(
  { mapping, layout, looks }: TabView,
  row: number,
  before?: RowLooks,
): RowMarks | undefined {
  if (!mapping.marksRefusals) return undefined
  return { looks: looks.get(row) ?? new Map(), columns: layout.columns, before }
}
