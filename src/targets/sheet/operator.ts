import { isWritebackError, messageOf } from '../../errors.ts'
import { error } from '../finding.ts'
import type { OperatorView } from '../operator.ts'
import { readSheetEnvironment, readSheetQuota, type SheetEnvironment } from './config/environment.ts'
import type { SheetTarget } from './config/target.ts'
import { toldOfUnseen } from './edits/unseen.ts'

/** How operators see tabs of Google Sheets. Google's client is loaded where it is needed only. */
export const sheetOperator: OperatorView<SheetTarget> = {
  nouns: { lane: 'spreadsheet', place: 'tab', entry: 'row' },

  describe: ({ tab }, place) => (typeof place.tab === 'string' ? place.tab : tab),

  unseenEdits: (target, place) => (target.edits === undefined ? null : toldOfUnseen(target, place)),

  quota: (variables) => ({ key: 'sheets', ...readSheetQuota(variables) }),

  remedyOf(code) {
    switch (code) {
      case 'SHEET_FORBIDDEN':
        return 'Share it with the service account as an editor, or fix its key; writeback doctor says which'
      case 'SHEET_NOT_FOUND':
        return 'Restore it from the bin, or correct its id in the configuration and run writeback migrate'
      default:
        return undefined
    }
  },

  async check({ variables }, targets) {
    let environment: SheetEnvironment
    try {
      environment = readSheetEnvironment(variables)
    } catch (thrown) {
      if (!isWritebackError(thrown, 'ENV_INVALID')) throw thrown
      return [error('google', messageOf(thrown), 'Set the credentials of the service account')]
    }
    const [{ createSheetsClient }, { checkGoogle }] = await Promise.all([
      import('./google/client.ts'),
      import('./check-google.ts'),
    ])
    const email = environment.google?.email ?? null
    return await checkGoogle(targets, { sheets: createSheetsClient(environment), email })
  },

  async show(services, client, target, id) {
    const { showRecord } = await import('./show-record.ts')
    return await showRecord(services, client, target, id)
  },
}
