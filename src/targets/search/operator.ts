import type { OperatorView } from '../operator.ts'
import type { SearchTarget } from './target.ts'

/** How operators see indexes of search engines. */
export const searchOperator: OperatorView<SearchTarget> = {
  nouns: { lane: 'index', place: 'index', entry: 'document' },

  describe: ({ engine, index }) => `${engine} index ${index}`,

  remedyOf(code) {
    switch (code) {
      case 'PLACE_SETTINGS':
        return 'Correct settings of the target, or what the message names, then run writeback migrate'
      case 'PLACE_FORBIDDEN':
        return 'Give the client of the target the right that the message names'
      default:
        return undefined
    }
  },

  async check(_services, targets) {
    const { checkIndexes } = await import('./set-up.ts')
    return await checkIndexes(targets)
  },

  async show(services, client, target, id) {
    const { showDocument } = await import('./show.ts')
    return await showDocument(services, client, target, id)
  },
}
