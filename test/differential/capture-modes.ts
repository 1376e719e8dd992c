import { pino } from 'pino'
import { writeback } from '../../src/capture/extension/extension.ts'
import type { AnyPrismaClient } from './application.ts'
import type { Capture } from './session.ts'

/** Triggers alone: the client is a plain one. */
export const byTriggers: Capture = {
  mode: 'trigger',
  prepare: async (client) => () => ({ client, reported: () => [] }),
}

/** The extension alone. Each unit has a client of its own, because a report is made once for a call site. */
export const byExtension: Capture = {
  mode: 'extension',
  prepare: async (client, config) => () => {
    const reports: string[] = []
    const note = (line: string) => {
      const { code, write } = JSON.parse(line)
      if (code === 'CAPTURE_UNFOLLOWED') reports.push(write)
    }
    const log = pino({ level: 'warn' }, { write: note })
    const extended = (client as unknown as { $extends(extension: unknown): unknown }).$extends(
      writeback(config, { log }),
    )
    return { client: extended as AnyPrismaClient, reported: () => reports }
  },
}
