import type { TargetKind } from '../target.ts'
import { type CustomTarget, resolveCustomTarget } from './config.ts'

/** Places that the application's own functions write. */
export const customKind: TargetKind<CustomTarget> = {
  kind: 'custom',
  resolve: resolveCustomTarget,
  async open(services) {
    const [{ createDocumentSink }, { customPlace }] = await Promise.all([
      import('../documents/sink.ts'),
      import('./place.ts'),
    ])
    return createDocumentSink(services, customPlace)
  },
  operator: {
    nouns: { lane: 'place', place: 'place', entry: 'entry' },
    describe: () => 'own functions',
  },
}
