import { Random } from './random.ts'
import type { Stage } from './stage/stage.ts'

/**
 * What a person on duty does: where people deleted so many rows that the library asks, the records go, or the rows come
 * back.
 */
export async function decideDeletions({ database, command, options }: Stage): Promise<void> {
  const stopped = await database.query<{ name: string; at: string }>(
    `select name, extract(epoch from state_changed_at)::text as at from sync_target
     where state = 'stopped' and reason like 'DELETIONS_HELD %'`,
  )
  for (const { name, at } of stopped) {
    const restores = new Random(options.seed + Number(at)).chance(0.5)
    // The database may be away: it is asked for again.
    await command('approve', name, ...(restores ? ['--restore'] : [])).catch(() => {})
  }
}
