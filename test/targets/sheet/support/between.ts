import type { Stage } from './stage.ts'

/** Runs `action` once, just before the library's next write is applied: after it has read the sheet. */
export function beforeNextWrite(stage: Stage, action: () => Promise<void>): void {
  beforeNext(stage, 'spreadsheets.batchUpdate', action)
}

/** The same before its next read of a tab. */
export function beforeNextRead(stage: Stage, action: () => Promise<void>): void {
  beforeNext(stage, 'spreadsheets.getByDataFilter', action)
}

/** From the next read on, so many writes fail. */
export function failWrites({ emulator }: Stage, count: number): void {
  const undo = emulator.control.before(async ({ kind }) => {
    if (kind !== 'read') return
    undo()
    const match = { method: 'spreadsheets.batchUpdate' }
    emulator.control.faults.add({ kind: 'status', status: 503, match, count })
  })
}

/** The next write is applied, and its answer is lost. */
export function loseAnswer({ emulator }: Stage): void {
  emulator.control.faults.add({ kind: 'reset-after', match: { method: 'spreadsheets.batchUpdate' } })
}

function beforeNext({ emulator }: Stage, wanted: string, action: () => Promise<void>): void {
  const undo = emulator.control.before(async ({ method }) => {
    if (method !== wanted) return
    undo()
    await action()
  })
}
