import type { TargetKind } from '../target.ts'
import { type CacheTarget, resolveCacheTarget } from './config.ts'
import { cacheOperator } from './operator.ts'

/** Keys in Redis that follow from records. */
export const cacheKind: TargetKind<CacheTarget> = {
  kind: 'cache',
  resolve: resolveCacheTarget,
  async open(services) {
    const [{ createDocumentSink }, { cachePlace }] = await Promise.all([
      import('../documents/sink.ts'),
      import('./place.ts'),
    ])
    return createDocumentSink(services, (target) => cachePlace(services, target))
  },
  operator: cacheOperator,
}
