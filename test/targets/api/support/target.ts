import { stockClient } from '../../../../demo/stock-service/client.ts'
import type { PrismaClient } from '../../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../../prisma/generated/writeback/data-model.ts'
import { type ApiStrategy, forClient } from '../../../../src/index.ts'

const { apiTarget } = forClient<PrismaClient>(dataModel)

/** How a test's target differs from the usual one. */
export interface TargetOptions {
  readonly note?: ApiStrategy
  readonly onDelete?: 'remove' | 'tombstone' | 'nothing'
  readonly keysKeptHours?: number
  readonly timeoutMs?: number
  readonly probe?: boolean
  /** @defaultValue true */
  readonly lists?: boolean
}

/** The stock of articles: each request stands for one, its budget for what there is of it. */
export function stockTarget(
  url: string,
  {
    note = 'database-wins',
    onDelete = 'remove',
    keysKeptHours = 24,
    timeoutMs = 5_000,
    probe = false,
    lists = true,
  }: TargetOptions = {},
) {
  const { get, put, remove, list } = stockClient(url)
  return apiTarget({
    name: 'stock',
    model: 'Request',
    filter: ({ flexible }) => !flexible,
    document: ({ customerName, budget, comment }) => ({ name: customerName, stock: budget, note: comment }),
    get,
    put,
    ...(lists && { list }),
    ...(onDelete === 'remove' && { remove }),
    ...(onDelete === 'tombstone' && { tombstone: (fields) => ({ ...fields, stock: '0', note: 'gone' }) }),
    ...(probe && {
      probe: async ({ signal }) => {
        const response = await fetch(`${url}/articles?limit=1`, { signal })
        if (!response.ok) throw response
      },
    }),
    fields: { stock: 'delta', note },
    keysKeptHours,
    timeoutMs,
  })
}
