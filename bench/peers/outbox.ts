import { setTimeout as sleep } from 'node:timers/promises'
import { Abandoned, abandoned, chunks, openClient, query, sizeOf } from './database.ts'
import type { App, Handler, Peer, PeerWorker, Place } from './peer.ts'

/** Rows of a pass, and the time between two passes when there was less to do. */
const PASS = 25
const POLL_MS = 1000

/** A pass is one transaction; at 60 calls a minute it takes most of a minute. */
const PASS_TIMEOUT_MS = 600_000

interface OutboxRow {
  readonly id: bigint
  readonly record_id: string
}

/**
 * The transactional outbox by polling, as teams write it themselves: a table, a row in the transaction of the write, a
 * loop that takes 25 rows with SKIP LOCKED (a worker that dies gives them back at once), handles one after the other
 * and deletes them. A row whose handling fails waits for 5 s, then twice as long each time, up to 10 minutes.
 */
export const outbox: Peer = {
  name: 'outbox',
  unavailable: async () => null,

  async install({ databaseUrl }) {
    await query(
      databaseUrl,
      `create table outbox (
         id bigint generated always as identity primary key,
         record_id text not null,
         attempts integer not null default 0,
         available_at timestamptz not null default now(),
         created_at timestamptz not null default now()
       )`,
    )
  },

  async openApp({ databaseUrl }): Promise<App> {
    const prisma = openClient(databaseUrl)
    return {
      write: (iata, write) =>
        prisma.$transaction([
          write(prisma),
          prisma.$executeRaw`insert into outbox (record_id) values (${iata})`,
        ]),
      abandon: (iata, write) =>
        abandoned(
          prisma.$transaction(async (tx) => {
            await write(tx)
            await tx.$executeRaw`insert into outbox (record_id) values (${iata})`
            throw new Abandoned()
          }),
        ),
      async fill(ids) {
        for (const some of chunks(ids, 10_000)) {
          await prisma.$executeRaw`insert into outbox (record_id) select unnest(${some}::text[])`
        }
      },
      close: () => prisma.$disconnect(),
    }
  },

  async startWorker(place: Place, handler: Handler): Promise<PeerWorker> {
    const prisma = openClient(place.databaseUrl, 1)
    const leaving = new AbortController()
    const pass = () =>
      prisma.$transaction(
        async (tx) => {
          const rows = await tx.$queryRaw<OutboxRow[]>`
            select id, record_id from outbox where available_at <= now()
            order by id limit ${PASS} for update skip locked`
          const done: bigint[] = []
          const failed: bigint[] = []
          for (const row of rows) {
            if (leaving.signal.aborted) break
            await handler(row.record_id).then(
              () => done.push(row.id),
              () => failed.push(row.id),
            )
          }
          if (done.length > 0) await tx.$executeRaw`delete from outbox where id = any(${done})`
          if (failed.length > 0) {
            await tx.$executeRaw`
              update outbox set attempts = attempts + 1,
                available_at = clock_timestamp() + least(600, 5 * 2 ^ attempts) * interval '1 s'
              where id = any(${failed})`
          }
          return rows.length
        },
        { timeout: PASS_TIMEOUT_MS, maxWait: PASS_TIMEOUT_MS },
      )
    const loop = (async () => {
      while (!leaving.signal.aborted) {
        // A database that is away is there again later.
        const handled = await pass().catch(() => 0)
        if (handled < PASS) await sleep(POLL_MS, undefined, { signal: leaving.signal }).catch(() => {})
      }
    })()
    return {
      async stop() {
        leaving.abort()
        await loop
        await prisma.$disconnect()
      },
    }
  },

  async pending({ databaseUrl }) {
    const rows = await query<OutboxRow>(databaseUrl, 'select distinct record_id from outbox')
    return new Set(rows.map((row) => row.record_id))
  },

  async unsettled({ databaseUrl }) {
    const [row] = await query<{ count: string }>(databaseUrl, 'select count(*) from outbox')
    return Number(row?.count)
  },

  size: ({ databaseUrl }) => sizeOf(databaseUrl, 'public', 'outbox'),
}
