import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient, type WritebackConfig } from '../../src/index.ts'
import { openClient } from './database.ts'
import { HEADERS, TAB } from './peer.ts'

/** Prisma name of the model that is mirrored. */
export const MODEL = 'Airport'

const FIELDS = ['name', 'city', 'state', 'country', 'latitude', 'longitude'] as const

/** The configuration of application and worker. @param databaseUrl where the worker reads records */
export function configOf(
  mode: 'extension' | 'trigger',
  spreadsheetId: string,
  databaseUrl: string | undefined,
): WritebackConfig {
  const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
  const columns = FIELDS.map((field, at) => ({ header: HEADERS[at + 1] ?? field, field }))
  return defineConfig({
    ...(databaseUrl !== undefined && { client: () => openClient(databaseUrl, 1) }),
    targets: [
      sheetTarget({ name: 'airports', spreadsheetId, tab: TAB, model: MODEL, key: HEADERS[0], columns }),
    ],
    capture: { mode },
  })
}
