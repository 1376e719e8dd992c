import type { Stage } from './stage.ts'

/** Runs `action` once, just before the library's next write is applied: after it has read the sheet. */
export function beforeNextWrite(stage: Stage, action: () => Promise<void>): void {
  const undo = stage.emulator.control.before(async ({ method }) => {
    if (method !== 'spreadsheets.batchUpdate') return
    undo()
    await action()
  })
}
