import type { Target } from '../model/target.ts'
import type { QuotaLimit } from '../targets/operator.ts'
import { byKind } from '../targets/target.ts'
import { type OperationsContext, tablesOf } from './context.ts'

/** Requests to the API in this minute, of all workers together. */
export interface QuotaUse {
  readonly used: number
  /** How many are allowed, where it is known. */
  readonly limit: number | null
  readonly left: number | null
  /** True while Google refuses more: nobody asks until the minute is over. */
  readonly blocked: boolean
}

/** Both quotas; null where no request was made in this minute. */
export interface QuotaLeft {
  readonly reads: QuotaUse
  readonly writes: QuotaUse
}

/** Reads the count that the workers keep in `sync_quota`. */
export async function quotaLeft(
  context: Pick<OperationsContext, 'sql' | 'config' | 'quota'>,
): Promise<QuotaLeft> {
  const rows = await context.sql.query<{ key: string; points: number }>(
    `select key, points from ${tablesOf(context).quota}
     where expire is null or expire > extract(epoch from clock_timestamp()) * 1000`,
  )
  const use = (kind: 'read' | 'write', limit: number | undefined): QuotaUse => {
    const points = rows
      .filter((row) => row.key.startsWith(`${context.quota?.key ?? 'sheets'}-${kind}:`))
      .map((row) => row.points)
    const used = Math.max(0, ...points)
    // A refusal is stored as one request more than all that are allowed.
    const blocked = limit !== undefined && used > limit
    return {
      used: limit === undefined ? used : Math.min(used, limit),
      limit: limit ?? null,
      left: limit === undefined ? null : Math.max(0, limit - used),
      blocked,
    }
  }
  return {
    reads: use('read', context.quota?.readsPerMinute),
    writes: use('write', context.quota?.writesPerMinute),
  }
}

/** The quota of the kinds that some targets are of; undefined where none has any. */
export function quotaOf(
  targets: readonly Target[],
  variables: OperationsContext['variables'],
): QuotaLimit | undefined {
  for (const { operator } of byKind(targets).keys()) if (operator.quota) return operator.quota(variables)
  return undefined
}
