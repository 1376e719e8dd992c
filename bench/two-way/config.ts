import { randomUUID } from 'node:crypto'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { openClient } from '../peers/database.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

/** What differs between the measurements. */
export interface Setting {
  readonly spreadsheetId: string
  /** Tabs of the spreadsheet, each of the same records. */
  readonly tabs: number
  /** Whether a script tells of edits. */
  readonly script: boolean
}

/** Title of a tab by its number. */
export const tabOf = (at: number) => `Requests ${at}`

/** The configuration of worker and release step. */
export function configOf({ spreadsheetId, tabs, script }: Setting, databaseUrl: string | undefined) {
  return defineConfig({
    client: () => openClient(databaseUrl ?? '', 4),
    targets: Array.from({ length: tabs }, (_, at) =>
      sheetTarget({
        name: `requests_${at}`,
        spreadsheetId,
        tab: tabOf(at),
        model: 'Request',
        columns: [
          { header: 'Customer', field: 'customerName', writable: true },
          { header: 'Travellers', field: 'passengers', writable: true },
          { header: 'Comment', field: 'comment', writable: true },
        ],
        edits: {
          newRows: 'create',
          // Nothing that the row shows is unique: a record that is made twice is there twice.
          defaults: () => ({ reference: randomUUID() }),
          detect: { script },
        },
      }),
    ),
  })
}
