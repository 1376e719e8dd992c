import { cachedReads } from './cached-reads.ts'
import { nestedWrites } from './nested.ts'
import { harnessWrites, poison } from './poison.ts'
import { rawWrites } from './raw.ts'
import { seedRecords } from './seed.ts'
import { singleCalls } from './single-calls.ts'
import { transactions } from './transactions.ts'
import type { Write } from './write.ts'

/** What the application of the torture does, by weight: it writes, and reads now and then. */
export const WRITES: readonly Write[] = [
  ...singleCalls,
  ...nestedWrites,
  ...transactions,
  ...rawWrites,
  ...poison,
  ...cachedReads,
]

const byName = new Map([...WRITES, ...harnessWrites, seedRecords].map((write) => [write.name, write]))

/** @throws {Error} for a name that no write has */
export function writeByName(name: string): Write {
  const write = byName.get(name)
  if (!write) throw new Error(`there is no write "${name}"`)
  return write
}
