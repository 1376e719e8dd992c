import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../../src/index.ts'
import type { Target } from '../../../src/model/target.ts'
import { openWorld, type World } from '../../support/running-worker.ts'

const { defineConfig, ...builder } = forClient<PrismaClient>(dataModel)
export const { searchTarget } = builder

/** A world in which airports are searched. */
export function openSearchWorld(targetsOf: (url: string) => readonly Target[]): Promise<World> {
  return openWorld((url) =>
    defineConfig({
      client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 2 }) }),
      targets: targetsOf(url),
    }),
  )
}

/** A row of airports. */
export const airport = (iata: string, more: { name?: string; city?: string } = {}) => ({
  ...{ iata, name: `Airport ${iata}`, city: 'Berlin', country: 'DE', latitude: 52, longitude: 13 },
  ...more,
})

/** Ids of airports that there are not. */
export const codes = (count: number) => Array.from({ length: count }, (_, at) => `X${at}`)
