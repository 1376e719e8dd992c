import type { Fault as Failure } from '../../demo/stock-service/faults.ts'
import { SEARCH_TABLE } from '../places.ts'
import { type FaultKind, nothingToHeal } from './fault.ts'
import { heldTransaction } from './held-transaction.ts'

/** The outside system fails in some of the calls while the fault lasts. */
function stock(
  kind: string,
  weight: number,
  faults: readonly Failure[],
  lasts: FaultKind['lasts'],
): FaultKind {
  return {
    kind,
    group: 'places',
    weight,
    lasts,
    make: ({ stock }, random) => {
      const share = faults.includes('away') ? 1 : random.of([0.2, 0.5, 0.9])
      const seed = random.salt()
      return { inject: () => stock.faults({ faults, share, seed, ms: 2_000 }), heal: () => stock.calm() }
    },
  }
}

/** What goes wrong with the outside system. */
export const stockFaults: readonly FaultKind[] = [
  stock('stock service answers 500', 2, ['error-before', 'error-after'], [1_000, 6_000]),
  stock('stock service resets', 2, ['reset-before', 'reset-after', 'late'], [1_000, 6_000]),
  stock('stock service hangs', 1, ['hang-before', 'hang-after'], [1_000, 4_000]),
  stock('stock service answers 429, or late', 1, ['limit', 'slow'], [1_000, 6_000]),
  stock('stock service away', 2, ['away'], [3_000, 30_000]),
]

/** Redis ends, and comes back with nothing: without one nothing happens. */
export const redisRestarted: FaultKind = {
  kind: 'redis restarted',
  group: 'places',
  weight: 2,
  lasts: [0, 0],
  make: ({ redis }) => ({
    async inject() {
      await redis?.kill()
      await redis?.start()
    },
    heal: nothingToHeal,
  }),
}

/** Redis stands still for a while. */
export const redisFrozen: FaultKind = {
  kind: 'redis frozen',
  group: 'places',
  weight: 2,
  lasts: [500, 8_000],
  make: ({ redis }) => ({
    inject: async () => redis?.signal('SIGSTOP'),
    heal: async () => redis?.signal('SIGCONT'),
  }),
}

/** Somebody works on the table of the search index, and nobody else can. */
export const searchLocked: FaultKind = {
  kind: 'search table locked',
  group: 'places',
  weight: 1,
  lasts: [1_000, 8_000],
  make: (stage) => heldTransaction(stage, ['begin', `lock table ${SEARCH_TABLE}`]),
}
