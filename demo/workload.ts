import type { PrismaClient } from '../prisma/generated/client/client.ts'
import type { Airport } from './airports.ts'

/** What the demo did to the database. */
export interface Work {
  /** Calls that committed. */
  calls: number
  /** Records that those calls wrote, counted each time. */
  writes: number
  /** Calls that were rolled back: they must leave no trace in the sheet. */
  rolledBack: number
  /** When the last write of a record was committed, by id, in milliseconds since 1970. */
  readonly committedAt: Map<string, number>
}

/** How many records a call of the load writes. */
const LOAD_CHUNK = 16

/** Sizes of the stream: enough to see, short enough to wait for. */
const STREAM = { edits: 400, deletes: 60, burst: 150, renames: 25, rollbacks: 20, requests: 40 } as const

export function noWork(): Work {
  return { calls: 0, writes: 0, rolledBack: 0, committedAt: new Map() }
}

/**
 * Writes the airports as an application would: some one by one, some many at a time.
 * @param onWritten told how many records are written so far
 */
export async function load(
  prisma: PrismaClient,
  airports: readonly Airport[],
  work: Work,
  onWritten: (count: number) => void,
): Promise<void> {
  let written = 0
  for (let at = 0; at < airports.length; at += LOAD_CHUNK) {
    const chunk = airports.slice(at, at + LOAD_CHUNK)
    if (at % (LOAD_CHUNK * 8) === 0) {
      for (const airport of chunk) await prisma.airport.create({ data: airport })
      work.calls += chunk.length
    } else {
      await prisma.airport.createMany({ data: [...chunk] })
      work.calls++
    }
    note(
      work,
      chunk.map((airport) => airport.iata),
    )
    written += chunk.length
    onWritten(written)
  }
}

/**
 * A stream of what people do: edits, deletes, a burst on one record, related records, a transaction that is rolled
 * back. The order is the same in every run.
 * @param onCall told after each call
 */
export async function stream(
  prisma: PrismaClient,
  airports: readonly Airport[],
  work: Work,
  onCall: (done: number, of: number) => void,
): Promise<void> {
  const pick = (step: number) => (airports[(step * 7919) % airports.length] as Airport).iata
  const deleted = new Set<string>()
  const alive = (step: number) => {
    let at = step
    while (deleted.has(pick(at))) at++
    return pick(at)
  }
  const calls: (() => Promise<readonly string[]>)[] = []
  for (let step = 0; step < STREAM.edits; step++) {
    calls.push(async () => {
      const iata = alive(step)
      await prisma.airport.update({
        where: { iata },
        data: { name: `Edited ${step}` },
        select: { name: true },
      })
      return [iata]
    })
  }
  for (let step = 0; step < STREAM.deletes; step++) {
    calls.splice(step * 7, 0, async () => {
      const iata = alive(step * 31 + 5)
      deleted.add(iata)
      await prisma.airport.delete({ where: { iata } })
      return [iata]
    })
  }
  for (let step = 0; step < STREAM.rollbacks; step++) {
    calls.splice(step * 20, 0, async () => {
      const iata = alive(step * 17 + 3)
      const changedItsMind = new Error('rolled back')
      await prisma
        .$transaction(async (tx) => {
          await tx.airport.update({ where: { iata }, data: { name: 'must never be seen', city: null } })
          throw changedItsMind
        })
        .catch((error) => {
          if (error !== changedItsMind) throw error
        })
      work.rolledBack++
      return []
    })
  }
  const busiest = pick(1)
  for (let step = 0; step < STREAM.burst; step++) {
    calls.push(async () => {
      if (deleted.has(busiest)) return []
      await prisma.airport.update({ where: { iata: busiest }, data: { name: `Busy ${step}` } })
      return [busiest]
    })
  }
  calls.push(...(await requestCalls(prisma)))
  for (const [done, call] of calls.entries()) {
    const ids = await call()
    if (ids.length > 0) work.calls++
    note(work, ids)
    onCall(done + 1, calls.length)
  }
}

/** Requests of customers, in a tab of their own: enums, money, dates, text that looks like something else. */
async function requestCalls(prisma: PrismaClient): Promise<(() => Promise<readonly string[]>)[]> {
  await prisma.country.upsert({ where: { code: 'DE' }, create: { code: 'DE', name: 'Germany' }, update: {} })
  const operator = await prisma.operator.upsert({
    where: { code: '007' },
    create: { code: '007', name: 'Alpine Tours', countryCode: 'DE' },
    update: {},
  })
  const tags = await Promise.all(
    ['family', 'winter'].map((name) => prisma.tag.upsert({ where: { name }, create: { name }, update: {} })),
  )
  const comments = [
    '=HYPERLINK("http://example.com")',
    '+49 30 1234',
    '@here',
    '-5',
    "it's fine",
    '000123',
    null,
  ]
  const statuses = ['NEW', 'OFFERED', 'BOOKED', 'CANCELLED'] as const
  return Array.from({ length: STREAM.requests }, (_, step) => async () => {
    const request = await prisma.request.create({
      data: {
        reference: String(step + 1).padStart(6, '0'),
        customerName: `Customer ${step + 1}`,
        status: statuses[step % statuses.length] ?? 'NEW',
        passengers: (step % 5) + 1,
        budget: `${1200 + step * 37}.50`,
        departureOn: new Date(Date.UTC(2027, step % 12, (step % 27) + 1)),
        confirmedAt: step % 3 === 0 ? new Date(Date.UTC(2026, 10, 1 + (step % 20), 8, 30)) : null,
        comment: comments[step % comments.length] ?? null,
        operatorId: operator.id,
        tags: { connect: tags.slice(0, step % 3).map((tag) => ({ id: tag.id })) },
      },
      select: { id: true },
    })
    return [request.id]
  })
}

function note(work: Work, ids: readonly string[]): void {
  const now = Date.now()
  for (const id of ids) work.committedAt.set(id, now)
  work.writes += ids.length
}
