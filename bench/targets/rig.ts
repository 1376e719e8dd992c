import { pino } from 'pino'
import { readEnvironment } from '../../src/config/environment.ts'
import { DEFAULT_SCHEMAS } from '../../src/config/schemas.ts'
import { LaneLocks } from '../../src/lane/lock.ts'
import type { DataModel, ScalarField, ScalarType } from '../../src/model/data-model.ts'
import type { Target } from '../../src/model/target.ts'
import type { OfKind, StateSink } from '../../src/targets/target.ts'
import { openPool } from '../peers/database.ts'

const FIELDS: readonly (readonly [string, ScalarType])[] = [
  ['id', 'String'],
  ['name', 'String'],
  ['code', 'String'],
  ['comment', 'String'],
  ['seats', 'Int'],
  ['rating', 'Float'],
  ['open', 'Boolean'],
]

const field = ([name, type]: readonly [string, ScalarType]): ScalarField => ({
  ...{ kind: 'scalar', name, type, column: name, nativeType: null, isList: false, isRequired: true },
})

/** The model of the records. */
export const dataModel: DataModel = {
  models: {
    Booking: {
      ...{ name: 'Booking', table: 'bookings', schema: null, primaryKey: ['id'], uniques: [] },
      fields: Object.fromEntries(FIELDS.map((one) => [one[0], field(one)])),
    },
  },
  enums: {},
  joinTables: [],
}

/** A record made from its number and a version: nothing has to be kept. */
function bookingOf(id: string, version: number) {
  const at = Number(id.slice(2))
  return {
    id,
    name: `Booking number ${at} of traveller ${at % 977}`,
    code: String(at).padStart(6, '0'),
    comment: `Wants a seat at the window in row ${at % 40}, and a meal without nuts`,
    seats: version,
    rating: 4.5,
    open: at % 2 === 0,
  }
}

/** Id of a record by its number: as long as a cuid. */
export const idOf = (at: number) => `cm${String(at).padStart(22, '0')}`

/** The sink of one target, with what a worker gives it, and records that are made up as they are read. */
export interface Rig {
  /** What `seats` of every record is. */
  version: number
  /** Calls that write, as they are counted for metrics. */
  readonly calls: { write: number; failed: number }
  /** Writes records as a worker does: batches of 1,000, four at a time. Throws if one was not written. */
  write(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

const BATCH = 1_000
const AT_ONCE = 4

/**
 * Opens the sink of a target.
 * @param url the library's database
 */
export async function openRig(url: string, target: OfKind<Target>): Promise<Rig> {
  const pool = openPool(url, { max: AT_ONCE })
  const log = pino({ level: 'silent' })
  const locks = new LaneLocks(url, log, 15_000)
  const calls = { write: 0, failed: 0 }
  let version = 1
  const sink: StateSink = await target.definition.open({
    sql: { query: async (text, values) => (await pool.query(text, values && [...values])).rows },
    schemas: DEFAULT_SCHEMAS,
    dataModel,
    environment: readEnvironment({ DATABASE_URL: url }),
    reader: {
      read: async (_target, ids) => ({
        records: new Map(ids.map((id) => [id, bookingOf(id, version)])),
        failed: new Map(),
      }),
    },
    ...{ log, locks, holder: 'bench', onIncomplete: () => {} },
    onCall: ({ kind }, failure) => {
      if (kind === 'write') calls.write++
      if (failure) calls.failed++
    },
  })
  return {
    get version() {
      return version
    },
    set version(next) {
      version = next
    },
    calls,
    async write(ids) {
      const batches = Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, at) =>
        ids.slice(at * BATCH, (at + 1) * BATCH),
      ).values()
      const slot = async () => {
        for (const some of batches) {
          const outcomes = await sink.write(target.lane, [{ target, ids: some }])
          for (const [id, outcome] of outcomes.get(target.name) ?? [])
            if (outcome.status !== 'done') throw new Error(`${id}: ${JSON.stringify(outcome)}`)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, slot))
    },
    async close() {
      await sink.close()
      await locks.close()
      await pool.end()
    },
  }
}
