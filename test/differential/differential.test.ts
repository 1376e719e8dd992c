import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { byExtension, byTriggers } from './capture-modes.ts'
import { report } from './report.ts'
import { type Capture, runDifferential } from './run.ts'
import { withGeneratedSchema } from './schemas/folder.ts'

const REFERENCE = fileURLToPath(new URL('../../prisma/schema', import.meta.url))
const OTHER = fileURLToPath(new URL('../capture/triggers/ids.prisma', import.meta.url))

/** A few operations: `npm run differential -- --ops 5000 --seed 7` makes many, `--generated --seeds 20` many schemas. */
const OPERATIONS = 150

let database: TestDatabase

beforeEach(async () => {
  database = await createEmptyDatabase()
})

afterEach(() => database.drop())

async function run(schema: string, capture: Capture, seed: number, operations = OPERATIONS) {
  const result = await runDifferential({ schema, url: database.url, seed, operations, capture })
  console.info(report(result))
  return result
}

describe('triggers: published is what changed, exactly', () => {
  test.each([1, Math.floor(Math.random() * 1e9)])(
    'the reference schema, seed %i',
    async (seed) => {
      const result = await run(REFERENCE, byTriggers, seed)
      expect(result.missed).toEqual([])
      expect(result.superfluous).toEqual([])
      // Most of what is made gets through, and enough of it changes something.
      expect(result.committed).toBeGreaterThan(result.units / 3)
      expect(result.changed).toBeGreaterThan(OPERATIONS / 2)
    },
    180_000,
  )

  test('a schema of its own, with every kind of id', async () => {
    const result = await run(OTHER, byTriggers, 1)
    expect(result.missed).toEqual([])
    expect(result.superfluous).toEqual([])
    expect(result.changed).toBeGreaterThan(20)
  }, 180_000)

  test('a trigger that is switched off is noticed', async () => {
    const broken: Capture = {
      mode: 'trigger',
      prepare: async (client) => {
        await client.$executeRawUnsafe('alter table requests disable trigger sync_update')
        return () => ({ client, reported: () => false })
      },
    }
    const result = await run(REFERENCE, broken, 1)
    expect(result.missed.length).toBeGreaterThan(0)
    expect(new Set(result.missed.map((one) => one.target))).toContain('own-Request')
  }, 180_000)
})

describe('a schema that a seed makes: keys that are foreign keys, shared columns, odd names, views, generated columns', () => {
  test.each([1, 2])(
    'seed %i',
    async (seed) => {
      await withGeneratedSchema(seed, async (schema) => {
        const triggers = await run(schema, byTriggers, seed, OPERATIONS / 3)
        expect(triggers.missed).toEqual([])
        expect(triggers.superfluous).toEqual([])
        expect(triggers.committed).toBeGreaterThan(0)
      })
      await database.drop()
      database = await createEmptyDatabase()
      await withGeneratedSchema(seed, async (schema) => {
        const extension = await run(schema, byExtension, seed, OPERATIONS / 3)
        expect(extension.missed.filter((one) => !one.reported)).toEqual([])
      })
    },
    180_000,
  )
})

test('extension: whatever is missed was reported when it happened', async () => {
  const result = await run(REFERENCE, byExtension, 1)
  expect(result.missed.filter((one) => !one.reported)).toEqual([])
  expect(result.changed).toBeGreaterThan(OPERATIONS / 2)
}, 180_000)
