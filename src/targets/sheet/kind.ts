import type { TargetKind } from '../target.ts'
import { assertTabsApart } from './config/apart.ts'
import { readSheetEnvironment } from './config/environment.ts'
import { resolveSheetTarget } from './config/resolve.ts'
import type { SheetTarget } from './config/target.ts'
import { driveListener } from './drive-listener.ts'
import { sheetEditRules } from './edits/rules.ts'
import { sheetOperator } from './operator.ts'

/** Tabs of Google Sheets. */
export const sheetKind: TargetKind<SheetTarget> = {
  kind: 'sheet',
  resolve: resolveSheetTarget,
  assertApart: assertTabsApart,
  checkEnvironment: ({ variables }) => void readSheetEnvironment(variables),
  placeOf: ({ tab }) => ({ tab }),
  editRules: sheetEditRules,
  looks: ({ edits }) =>
    edits && { everySeconds: edits.detect.everySeconds, isTold: edits.detect.drive || edits.detect.script },
  async open({ environment, ...services }) {
    const [{ createSheetsClient }, { createSheetWriter }] = await Promise.all([
      import('./google/client.ts'),
      import('./writer.ts'),
    ])
    const google = readSheetEnvironment(environment.variables)
    return createSheetWriter({
      ...services,
      sheets: createSheetsClient(google),
      databaseUrl: environment.databaseUrl,
      quota: google.quota,
      account: google.google?.email,
    })
  },
  listen: driveListener,
  operator: sheetOperator,
}
