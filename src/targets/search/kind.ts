import type { TargetKind } from '../target.ts'
import { assertIndexesApart, resolveSearchTarget } from './config.ts'
import { searchOperator } from './operator.ts'
import type { SearchTarget } from './target.ts'

/** Indexes of search engines. What an engine needs is loaded by a process that writes. */
export const searchKind: TargetKind<SearchTarget> = {
  kind: 'search',
  resolve: resolveSearchTarget,
  assertApart: assertIndexesApart,
  placeOf: ({ engine, index }) => ({ engine, index }),
  async open(services) {
    const [{ createDocumentSink }, { searchPlace }] = await Promise.all([
      import('../documents/sink.ts'),
      import('./engines.ts'),
    ])
    return createDocumentSink(services, searchPlace)
  },
  async prepare(targets) {
    const { setUpIndexes } = await import('./set-up.ts')
    return await setUpIndexes(targets)
  },
  operator: searchOperator,
}
