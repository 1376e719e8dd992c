import type { Stage } from './stage.ts'

/** Runs `action` once, just before the library's next write is applied: after it has read the sheet. */
export function beforeNextWrite(stage: Stage, action: () => Promise<void>): void {
  beforeNext(stage, 'spreadsheets.batchUpdate', action)
}

/** The same before its next read of a tab. */
export function beforeNextRead(stage: Stage, action: () => Promise<void>): void {
  beforeNext(stage, 'spreadsheets.getByDataFilter', action)
}

function beforeNext({ emulator }: Stage, wanted: string, action: () => Promise<void>): void {
  const undo = emulator.control.before(async ({ method }) => {
    if (method !== wanted) return
    undo()
    await action()
  })
}
