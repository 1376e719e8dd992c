import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import { forClient } from '../../src/targets/for-client.ts'
import type { EditsInput } from '../../src/targets/sheet/config/typed.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

type Edits<Model extends string> = EditsInput<PrismaClient, Model, unknown>

/** What tests set of the targets. */
export interface StageOptions {
  readonly requests?: Edits<'Request'>
  readonly operators?: Edits<'Operator'>
  readonly conflict?: 'database-wins' | 'sheet-wins' | 'manual' | 'merge'
  readonly filter?: (request: { readonly flexible: boolean }) => boolean
}

/** Requests and operators in a spreadsheet in which people may change something. */
export function editableConfig({
  requests,
  operators,
  conflict,
  filter,
}: StageOptions = {}): WritebackConfig {
  return defineConfig({
    targets: [
      sheetTarget({
        ...{ name: 'requests', spreadsheetId: 's', tab: 'Requests', model: 'Request' as const },
        columns: [
          { header: 'Reference', field: 'reference' },
          { header: 'Customer', field: 'customerName', writable: true },
          { header: 'Status', field: 'status', writable: true },
          { header: 'Travellers', field: 'passengers', writable: true },
          { header: 'Budget', field: 'budget', writable: true },
          { header: 'Currency', field: 'currency', writable: true },
          { header: 'Flexible', field: 'flexible', writable: true },
          { header: 'Departure', field: 'departureOn', writable: true },
          { header: 'Confirmed', field: 'confirmedAt', writable: true },
          { header: 'Preferences', field: 'preferences', writable: true },
          { header: 'Comment', field: 'comment', writable: true },
        ],
        ...(requests && { edits: requests as never }),
        ...(conflict && { conflict }),
        ...(filter && { filter }),
      }),
      // Hears of what is changed in the other one.
      sheetTarget({
        name: 'copy',
        spreadsheetId: 't',
        tab: 'R',
        model: 'Request',
        columns: ['customerName'],
      }),
      sheetTarget({
        ...{ name: 'operators', spreadsheetId: 's', tab: 'Operators', model: 'Operator' as const },
        columns: [
          { header: 'Code', field: 'code', writable: true },
          { header: 'Country', field: 'countryCode', writable: true },
          { header: 'Rating', field: 'rating', writable: true },
          { header: 'Languages', field: 'languages', writable: true },
        ],
        ...(operators && { edits: operators as never }),
      }),
      sheetTarget({
        ...{ name: 'items', spreadsheetId: 's', tab: 'Items', model: 'RequestItem' },
        columns: [{ header: 'Title', field: 'title', writable: true }],
      }),
    ],
  })
}
