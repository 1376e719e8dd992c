import { setTimeout as sleep } from 'node:timers/promises'
import type { Dyno } from '../stage/fleet.ts'
import { type FaultKind, nothingToHeal } from './fault.ts'

/** How long the tables are locked by a migration, in milliseconds. */
const LOCKED_MS = 500

/** A new release: its release step runs while the old workers run, then old and new ones overlap. */
export const overlap: FaultKind = {
  kind: 'deploy, old and new workers overlap',
  group: 'deploy',
  weight: 2,
  lasts: [2_000, 8_000],
  make: (stage) => {
    const { fleet } = stage
    let old: readonly Dyno[] = []
    return {
      async inject() {
        await stage.command('migrate')
        old = fleet.dynos
        const next = old.map(() => fleet.add())
        await Promise.all(next.map((dyno) => fleet.ready(dyno)))
      },
      async heal() {
        await Promise.all(old.map((dyno) => fleet.retire(dyno)))
      },
    }
  },
}

/** A migration of the library's tables: they change under the workers, and are locked for a moment. */
export const migration: FaultKind = {
  kind: 'migration of the library’s tables',
  group: 'deploy',
  weight: 2,
  lasts: [0, 0],
  make: ({ database }, random) => ({
    async inject() {
      const name = `torture_${random.between(0, 999)}`
      const client = await database.connect()
      try {
        await client.query('set role app')
        for (const table of ['sync_record', 'sync_target', 'sync_lane', 'sync_conflict']) {
          await client.query('begin')
          await client.query(`alter table ${table} add column if not exists ${name} text default 'new'`)
          await sleep(LOCKED_MS)
          await client.query('commit')
          await client.query(`alter table ${table} drop column ${name}`)
        }
      } finally {
        await client.end().catch(() => {})
      }
    },
    heal: nothingToHeal,
  }),
}
