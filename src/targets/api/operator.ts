import type { OperatorView } from '../operator.ts'
import type { ApiTarget } from './target.ts'

/** How operators see outside systems. */
export const apiOperator: OperatorView<ApiTarget> = {
  nouns: { lane: 'outside system', place: 'place', entry: 'record' },

  describe: () => 'outside system',

  remedyOf(code) {
    switch (code) {
      case 'PLACE_FORBIDDEN':
        return 'Give its functions a key that is valid and may write; writeback doctor tries one read'
      default:
        return undefined
    }
  },

  async check(services, targets) {
    const { checkSystems } = await import('./check.ts')
    return await checkSystems(services, targets)
  },

  async show(services, client, target, id) {
    const { showRecord } = await import('./show-record.ts')
    return await showRecord(services, client, target, id)
  },
}
