import { describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../../src/targets/sheet/config/target.ts'
import { addedAgain, afterLook, toldOfUnseen } from '../../../../src/targets/sheet/edits/unseen.ts'

const NOW = new Date('2026-11-30T10:00:00Z')
const later = (hours: number) => new Date(NOW.getTime() + hours * 60 * 60_000)
const columns = { ID: 0, Status: 2, Seats: 3 }
const found = (missing: readonly string[] | undefined, now = columns) => ({
  ...{ tab: 'Trips', missing, columns: now },
})
const target = { name: 'trips' } as SheetTarget

describe('what looks for edits miss', () => {
  it('is told from the first look on, and not changed by the next', () => {
    expect(afterLook(undefined, found([]), NOW)).toBeUndefined()
    const first = afterLook(undefined, found(['Status']), NOW)
    expect(first).toEqual({
      ...{ tab: 'Trips', headers: ['Status'], stood: { Status: 2 }, since: NOW.toISOString() },
    })
    expect(afterLook(first, found(['Status']), later(1))).toBe(first)
    expect(afterLook(first, found(['Status', 'Seats']), later(1))?.since).toBe(later(1).toISOString())
    expect(toldOfUnseen(target, { unseen: first as never })).toEqual({
      code: 'EDITS_UNSEEN',
      message: 'tab "Trips" has no column "Status" any more: what people type there is not seen',
      remedy: 'Type the header above its column again; a deleted column is added with the next change',
      since: NOW,
    })
  })

  it('is over once the header stands where it stood', () => {
    const first = afterLook(undefined, found(['Status']), NOW)
    expect(afterLook(first, found([]), later(1))).toBeUndefined()
  })

  it('is told for a day of a column that was added again, or until it stands in its old place', () => {
    const moved = { ...columns, Status: 4 }
    const first = afterLook(undefined, found(['Status']), NOW)
    const added = afterLook(first, found([], moved), later(1))
    expect(added).toMatchObject({ headers: ['Status'], stood: { Status: 2 }, overAt: later(1).toISOString() })
    expect(afterLook(added, found([], moved), later(2))).toBe(added)
    expect(afterLook(added, found([], columns), later(2))).toBeUndefined()
    expect(afterLook(added, found([], moved), later(26))).toBeUndefined()
    // A batch that found it first says the same.
    expect(addedAgain('Trips', { Status: 2 }, later(1))).toEqual({ ...added, since: later(1).toISOString() })
    expect(toldOfUnseen(target, { unseen: added as never })?.message).toBe(
      'column "Status" of tab "Trips" was gone, and added again: where somebody had only changed the header, what people type into the old column is not seen',
    )
  })

  it('is a tab that is gone, until there is one again', () => {
    const gone = afterLook(undefined, found(undefined), NOW)
    expect(toldOfUnseen(target, { unseen: gone as never })).toMatchObject({
      message: 'tab "Trips" is gone: what people typed into it last is not seen',
      remedy: expect.stringContaining('writeback reconcile trips'),
    })
    expect(afterLook(gone, found(undefined), later(1))).toBe(gone)
    expect(afterLook(gone, found([], { ...columns, Status: 9 }), later(1))).toBeUndefined()
  })
})
