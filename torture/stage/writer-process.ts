import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { isWritebackError, messageOf } from '../../src/errors.ts'
import { writeback, writebackContext } from '../../src/index.ts'
import config from '../config.ts'
import { Random } from '../random.ts'
import { writeByName } from '../writes/index.ts'
import type { Write } from '../writes/write.ts'
import type { WriteOutcome, WriteReply, WriteRequest } from './writer-messages.ts'

/*
 * The application: a process of its own that writes what it is told, several calls at a time.
 */

/** Times that a transaction which lost against another one is repeated, as Prisma's docs advise. */
const MAX_REPEATS = 8

/** Connections, and calls under way at a time: some wait for a connection, as they do in an application. */
const POOL = 8
const CALLS = 12

const usesExtension = process.env.TORTURE_CAPTURE === 'extension'
const plain = new PrismaClient({
  adapter: new PrismaPg({
    connectionString: process.env.DATABASE_URL,
    max: POOL,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 20_000,
  }),
  comments: [writebackContext()],
  transactionOptions: { maxWait: 20_000, timeout: 20_000 },
})
const prisma = (usesExtension ? plain.$extends(writeback(config)) : plain) as PrismaClient

async function carryOut(write: Write, salt: number): Promise<Omit<WriteReply, 'id'>> {
  for (let repeats = 0; ; repeats++) {
    try {
      await write.run(prisma, new Random(salt))
      return { outcome: 'done', repeats }
    } catch (error) {
      const outcome = outcomeOf(error)
      if (outcome === 'conflicted' && repeats < MAX_REPEATS) {
        await sleep(10 * 2 ** repeats * Math.random())
        continue
      }
      return { outcome, repeats, ...(outcome === 'failed' && { error: messageOf(error) }) }
    }
  }
}

/** P2028 is a transaction that found no connection, or that its connection has left; P2010 a raw statement's error. */
const OUTCOMES: Readonly<Record<string, WriteOutcome>> = {
  P2034: 'conflicted',
  P2002: 'rejected',
  P2003: 'rejected',
  P2025: 'rejected',
  P2014: 'rejected',
  P2017: 'rejected',
  P2018: 'rejected',
  P1001: 'away',
  P1008: 'away',
  P1017: 'away',
  P2024: 'away',
  P2028: 'away',
  P2037: 'away',
}

/** SQLSTATEs, and the words of drivers, that say the same as the codes above. */
const CONFLICT = /40001|40P01|deadlock detected|could not serialize|TransactionWriteConflict/
const REJECTED = /Code: `23\d{3}`/
const AWAY =
  /57P0[1-5]|53300|08006|08003|ECONN|EPIPE|Connection terminated|terminating connection|server closed|too many (clients|connections)|remaining connection slots|is (starting up|shutting down)|timeout exceeded when trying to connect|not queryable|ConnectionClosed|Can't reach database|in recovery mode/i

function outcomeOf(error: unknown): WriteOutcome {
  if (isWritebackError(error, 'CAPTURE_UNFOLLOWED')) return 'refused'
  const { code, meta, cause } = (error ?? {}) as { code?: string; meta?: unknown; cause?: unknown }
  const known = OUTCOMES[code ?? '']
  if (known) return known
  const words = `${messageOf(error)} ${code ?? ''} ${JSON.stringify(meta ?? '')} ${messageOf(cause ?? '')}`
  if (CONFLICT.test(words)) return 'conflicted'
  if (REJECTED.test(words)) return 'rejected'
  return AWAY.test(words) ? 'away' : 'failed'
}

const waiting: WriteRequest[] = []
let underWay = 0

async function workOff(): Promise<void> {
  if (underWay >= CALLS) return
  underWay++
  for (let request = waiting.shift(); request; request = waiting.shift()) {
    const reply = await carryOut(writeByName(request.name), request.salt)
    if (process.connected) process.send?.({ id: request.id, ...reply } satisfies WriteReply)
  }
  underWay--
}

process.on('message', (request: WriteRequest) => {
  // The harness waits for these: they do not queue.
  if (request.name === 'canary') waiting.unshift(request)
  else waiting.push(request)
  void workOff()
})
process.on('disconnect', () => {
  void plain.$disconnect().finally(() => process.exit(0))
})
// A connection that is ended in the moment in which it is made: @prisma/adapter-pg hears it only a moment later.
process.on('uncaughtException', (error) => {
  if (outcomeOf(error) === 'away') return
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
// A signal to the harness's group is not for the application.
process.on('SIGINT', () => {})
await plain.$connect()
process.send?.('ready')
