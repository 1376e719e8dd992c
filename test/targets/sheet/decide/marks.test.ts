import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CellLook, lookOf, PLAIN, toLookData } from '../../../../src/targets/sheet/cells/look.ts'
import {
  isMarked,
  MARK_COLOR,
  marked,
  marksToWrite,
  unmarked,
} from '../../../../src/targets/sheet/decide/marks.ts'

const look = (note: string, color: string | null = null): CellLook => ({ note, color })

describe('the mark of a refused edit', () => {
  it('is a line of the note and a background', () => {
    expect(marked(PLAIN, '"many" is no whole number')).toEqual(
      look('⚠ Not stored: "many" is no whole number', MARK_COLOR),
    )
    expect(marked(look('ask Ada', '#ffff00'), 'too late')).toEqual(
      look('ask Ada\n⚠ Not stored: too late (colour before: #ffff00)', MARK_COLOR),
    )
  })

  it('keeps what people do to note and colour while it stands', () => {
    const cell = marked(look('', '#ffff00'), 'no')
    expect(unmarked({ ...cell, note: `first\n${cell.note}\nlast` })).toEqual(look('first\nlast', '#ffff00'))
    expect(unmarked({ ...cell, note: `${cell.note}\nlast` })).toEqual(look('last', '#ffff00'))
    // Coloured by a person since: that is theirs, also when the reason changes.
    const blue = { ...cell, color: '#0000ff' }
    expect(unmarked(blue)).toEqual(look('', '#0000ff'))
    expect(marked(blue, 'another')).toEqual(look('⚠ Not stored: another (colour before: #ffff00)', '#0000ff'))
    // Two notes put together by a person.
    expect(isMarked(unmarked({ ...cell, note: `${cell.note}\n${cell.note}` }))).toBe(false)
  })

  it('comes off as if it had never been there, whatever the cell and the reason were', () => {
    const colors = fc.oneof(
      fc.constantFrom(null, '#ffffff', MARK_COLOR, 'ACCENT1', 'rgb(0.5/0.25/1)'),
      fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`),
    )
    const notes = fc.string({ unit: fc.constantFrom('a', '\n', ' ', '(', ')', '⚠', ':', '#') })
    fc.assert(
      fc.property(notes, colors, notes, notes, (note, color, reason, other) => {
        const before = look(note, color)
        const once = marked(before, `x${reason}`)
        expect(isMarked(once)).toBe(true)
        expect(marked(once, `x${reason}`)).toEqual(once)
        // The mark's own colour is nobody's: see below.
        const after = color === MARK_COLOR ? look(note) : before
        expect(unmarked(once)).toEqual(after)
        expect(unmarked(marked(once, `y${other}`))).toEqual(after)
      }),
    )
  })

  it('survives the way to the API and back', () => {
    for (const color of [null, '#f4cccc', '#000000', 'ACCENT1', 'rgb(0.5/0.25/1)'])
      expect(lookOf(toLookData(look('n', color)))).toEqual(look('n', color))
    expect(lookOf(toLookData(PLAIN))).toBeUndefined()
    // Zeros of a colour are left out by the API; one that was set the old way is read, too.
    expect(lookOf({ userEnteredFormat: { backgroundColor: { red: 1 } } })).toEqual(look('', '#ff0000'))
    // What is no colour, because a person changed the text, takes the background away.
    expect(toLookData(look('', 'nonsense)'))).toEqual({})
  })

  it('is written where it lacks, taken from where it should not be, and left alone where it is right', () => {
    const own = marked(look('mine'), 'no')
    const looks = new Map([
      [1, own],
      [2, marked(PLAIN, 'old')],
      [3, look('people', '#00ff00')],
    ])
    const columns = [1, 2, 3, 4]
    const reasons = new Map([
      [1, 'no'],
      [4, 'new'],
    ])
    expect(marksToWrite({ looks, columns }, reasons)).toEqual(
      new Map([
        [2, PLAIN],
        [4, marked(PLAIN, 'new')],
      ]),
    )
    // One that was for another row: the cell gets back what it looked like before.
    const before = new Map([[2, look('theirs', '#123456')]])
    expect(marksToWrite({ looks, columns, before }, reasons).get(2)).toEqual(look('theirs', '#123456'))
    expect(marksToWrite(undefined, reasons).size).toBe(0)
  })

  it('never takes its own colour for the one before, where the note was deleted', () => {
    const again = marked({ ...marked(PLAIN, 'no'), note: '' }, 'no')
    expect(again).toEqual(marked(PLAIN, 'no'))
    expect(unmarked(again)).toEqual(PLAIN)
    // As it was written until now.
    const old = look(`⚠ Not stored: no (colour before: ${MARK_COLOR})`, MARK_COLOR)
    expect(unmarked(old)).toEqual(PLAIN)
    expect(unmarked(marked(old, 'another'))).toEqual(PLAIN)
  })

  it('goes with its colour from a cell that was refused, though the note is gone, and from no other', () => {
    const red = look('', MARK_COLOR)
    const looks = new Map([
      [1, red],
      [2, red],
      [3, look('mine', MARK_COLOR)],
      [4, look('', '#00ff00')],
      [5, red],
    ])
    const row = { looks, columns: [1, 2, 3, 4, 5] }
    expect(marksToWrite(row, new Map([[5, 'no']]), new Set([1, 3, 4, 5]))).toEqual(
      new Map([
        [1, PLAIN],
        [3, look('mine')],
        [5, marked(PLAIN, 'no')],
      ]),
    )
    expect(marksToWrite(row, new Map()).size).toBe(0)
  })

  it('goes from a cell that looked marked before a call put another mark there', () => {
    const looks = new Map([[1, marked(PLAIN, 'of another row')]])
    const row = (before: CellLook) => ({ looks, columns: [1], before: new Map([[1, before]]) })
    expect(marksToWrite(row(marked(PLAIN, 'old')), new Map()).get(1)).toEqual(PLAIN)
    expect(marksToWrite(row(look('', MARK_COLOR)), new Map(), new Set([1])).get(1)).toEqual(PLAIN)
    expect(marksToWrite(row(look('', MARK_COLOR)), new Map()).get(1)).toEqual(look('', MARK_COLOR))
  })

  it('goes with its note where a person cleared its colour, and the colour stays cleared', () => {
    for (const before of [null, '#ffff00']) {
      const cleared = { ...marked(look('', before), 'no'), color: null }
      expect(marked(cleared, 'no')).toEqual(cleared)
      expect(marked(cleared, 'another').color).toBeNull()
      expect(unmarked(marked(cleared, 'another'))).toEqual(PLAIN)
      const row = { looks: new Map([[1, cleared]]), columns: [1] }
      expect(marksToWrite(row, new Map([[1, 'no']]), new Set([1])).size).toBe(0)
      expect(marksToWrite(row, new Map(), new Set([1])).get(1)).toEqual(PLAIN)
    }
  })
})
