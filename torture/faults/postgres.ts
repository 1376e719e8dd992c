import type pg from 'pg'
import { type FaultKind, nothingToHeal } from './fault.ts'
import { heldTransaction } from './held-transaction.ts'

const restart = (mode: 'fast' | 'immediate'): FaultKind['make'] => {
  return ({ database }) => ({
    inject: () => database.postgres.restart(mode),
    heal: nothingToHeal,
  })
}

/** A restart as in maintenance: transactions are rolled back, connections closed. */
export const restartedFast: FaultKind = {
  kind: 'postgres restarted',
  group: 'database',
  weight: 2,
  lasts: [0, 0],
  make: restart('fast'),
}

/** A crash: it recovers from its log. */
export const restartedImmediate: FaultKind = {
  kind: 'postgres crashed',
  group: 'database',
  weight: 2,
  lasts: [0, 0],
  make: restart('immediate'),
}

/** Connections end, some or all, of workers and of the application. */
export const backendsTerminated: FaultKind = {
  kind: 'backends terminated',
  group: 'database',
  weight: 4,
  lasts: [0, 0],
  make: ({ database }, random) => ({
    async inject() {
      const share = random.of([0.2, 0.5, 1])
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where usename = 'app' and backend_type = 'client backend' and random() < $1`,
        [share],
      )
    },
    heal: nothingToHeal,
  }),
}

/** No connection is left but those of the superuser. */
export const connectionsExhausted: FaultKind = {
  kind: 'connections exhausted',
  group: 'database',
  weight: 2,
  lasts: [2_000, 8_000],
  make: ({ database }, random) => {
    const taken: pg.Client[] = []
    const ends = random.chance(0.5)
    return {
      async inject() {
        // Half of the time those that are in use go as well, so that everybody has to connect again.
        if (ends) {
          await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`)
        }
        for (;;) {
          try {
            taken.push(await database.connectAsApp())
          } catch {
            return
          }
        }
      },
      async heal() {
        await Promise.all(taken.map((client) => client.end().catch(() => {})))
      },
    }
  },
}

/** A transaction that stays open holds back what vacuum may remove, and sees the queue as it was. */
export const longTransaction: FaultKind = {
  kind: 'a long transaction',
  group: 'database',
  weight: 2,
  lasts: [8_000, 20_000],
  make: (stage) =>
    heldTransaction(stage, [
      'begin isolation level repeatable read',
      'select count(*) from pgboss.job',
      'select txid_current()',
    ]),
}

/** Rows that the library writes are locked for a moment: an operator's session that was left open. */
export const rowsLocked: FaultKind = {
  kind: 'rows locked',
  group: 'database',
  weight: 1,
  lasts: [1_000, 6_000],
  make: (stage, random) => {
    const table = random.of(['sync_record', 'sync_target', 'sync_lane'])
    return heldTransaction(stage, ['begin', `select from ${table} for update`])
  },
}
