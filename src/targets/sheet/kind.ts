import type { SheetTarget } from '../../config/target.ts'
import type { TargetKind } from '../target.ts'
import { createSheetsClient } from './google/client.ts'
import { createSheetWriter } from './writer.ts'

/** Tabs of Google Sheets. */
export const sheetKind: TargetKind<SheetTarget> = {
  kind: 'sheet',
  open({ environment, ...services }) {
    return createSheetWriter({
      ...services,
      sheets: createSheetsClient(environment),
      databaseUrl: environment.databaseUrl,
      quota: environment.quota,
    })
  },
}
