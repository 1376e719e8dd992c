import type pg from 'pg'
import type { Stage } from '../stage/stage.ts'
import type { Fault } from './fault.ts'

/**
 * A transaction that stays open while the fault lasts, on a connection of its own.
 * @param statements its beginning, and what it holds
 */
export function heldTransaction({ database }: Stage, statements: readonly string[]): Fault {
  let client: pg.Client | undefined
  return {
    async inject() {
      client = await database.connect()
      for (const statement of statements) await client.query(statement)
    },
    async heal() {
      await client?.query('rollback').catch(() => {})
      await client?.end().catch(() => {})
    },
  }
}
