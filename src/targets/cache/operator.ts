import type { OperatorView } from '../operator.ts'
import type { CacheTarget } from './config.ts'

/** How operators see keys in Redis. What connects is loaded where it is needed only. */
export const cacheOperator: OperatorView<CacheTarget> = {
  nouns: { lane: 'cache', place: 'cache', entry: 'key' },

  describe: ({ namespace }) => `keys in Redis, ${namespace}`,

  remedyOf(code) {
    switch (code) {
      case 'PLACE_FORBIDDEN':
        return 'Give the client a user that may do what docs/targets/cache.md lists; writeback doctor tries again'
      case 'PLACE_SETTINGS':
        return 'Correct the client in the configuration, and start the worker again'
      default:
        return undefined
    }
  },

  async check(services, targets) {
    const { checkCaches } = await import('./check.ts')
    return await checkCaches(services, targets)
  },

  async show(services, client, target, id) {
    const { showKeys } = await import('./show-keys.ts')
    return await showKeys(services, client, target, id)
  },
}
