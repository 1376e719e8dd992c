import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import type { Random } from '../random.ts'

/** One call, or transaction, of an application. */
export interface Write {
  /** For the list of steps. */
  readonly name: string
  /** How often it is chosen. */
  readonly weight: number
  /** True for what only triggers see. The others may still do what the extension refuses. */
  readonly triggersOnly?: boolean
  /**
   * Does it. What it writes depends on `random` alone, so that a list of steps says everything; the records it names
   * may or may not be there.
   */
  run(prisma: PrismaClient, random: Random): Promise<void>
}

/** Thrown to roll a transaction back. */
export class ChangedItsMind extends Error {}

/** Few records, so that writes meet. */
const REQUESTS = 36
const OPERATORS = 8
const TAGS = 5
const REVENUES = 24
const NOTES = 20

export const requestIds: readonly string[] = list(REQUESTS, (at) => `req-${String(at).padStart(2, '0')}`)
export const operatorIds: readonly number[] = list(OPERATORS, (at) => at + 1)
export const tagIds: readonly number[] = list(TAGS, (at) => at + 1)
/** The last ones are larger than a JavaScript number holds exactly. */
export const revenueIds: readonly bigint[] = list(REVENUES, (at) =>
  at < REVENUES - 4 ? BigInt(at + 1) : 9_007_199_254_740_993n + BigInt(at),
)
export const noteIds: readonly string[] = list(
  NOTES,
  (at) => `00000000-0000-4000-8000-0000000000${String(at).padStart(2, '0')}`,
)
export const positions: readonly number[] = [1, 2, 3, 4]

/** The records of which the harness knows when they were written last; nobody else writes them. */
export const CANARY = { request: 'req-canary', operator: 99, revenue: 999_999n } as const

/** Texts that a sheet likes to turn into something else, and plain ones. */
const TEXTS = [
  '=HYPERLINK("http://example.com")',
  '+49 30 1234',
  '-5',
  '@here',
  "'quoted",
  '0012',
  '1/2/2024',
  'TRUE',
  'a "b", c',
  'line\nbreak',
  'ÄÖÜ ß 漢字 🙂',
  '',
] as const

export function text(random: Random): string {
  return random.chance(0.4) ? random.of(TEXTS) : `text ${random.between(0, 999_999)}`
}

export function day(random: Random): Date {
  return new Date(Date.UTC(2027, random.between(0, 11), random.between(1, 28)))
}

export function moment(random: Random): Date {
  return new Date(Date.UTC(2026, 10, random.between(1, 28), random.between(0, 23), random.between(0, 59), 30))
}

export function amount(random: Random): string {
  return `${random.between(0, 99_999)}.${String(random.between(0, 99)).padStart(2, '0')}`
}

function list<Item>(length: number, make: (at: number) => Item): Item[] {
  return Array.from({ length }, (_, at) => make(at))
}
