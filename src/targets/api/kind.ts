import type { TargetKind } from '../target.ts'
import { resolveApiTarget } from './config.ts'
import { apiOperator } from './operator.ts'
import type { ApiTarget } from './target.ts'

/** Outside systems of record, which others change too. */
export const apiKind: TargetKind<ApiTarget> = {
  kind: 'api',
  resolve: resolveApiTarget,
  async open(services) {
    const [{ createDocumentSink }, { apiPlace }, { MergeStore }, { ConflictStore }] = await Promise.all([
      import('../documents/sink.ts'),
      import('./place.ts'),
      import('./store.ts'),
      import('../merge/conflicts.ts'),
    ])
    const { sql, schemas } = services
    const context = {
      sql,
      store: new MergeStore(schemas.library),
      conflicts: new ConflictStore(schemas.library, 'place'),
    }
    return createDocumentSink(services, (target) => apiPlace(target, context))
  },
  operator: apiOperator,
}
