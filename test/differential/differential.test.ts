import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { type GeneratedApplication, generateApplication } from './application.ts'
import { byExtension, byTriggers } from './capture-modes.ts'
import { report } from './report.ts'
import { type DifferentialResult, runDifferential } from './run.ts'
import { withGeneratedSchema } from './schemas/folder.ts'
import type { Capture } from './session.ts'
import { shrink } from './shrink.ts'
import { describeUnit, type Unit } from './units.ts'

const OTHER = fileURLToPath(new URL('../capture/triggers/ids.prisma', import.meta.url))

/** A few operations: `npm run differential -- --ops 5000 --seed 7` makes many, `--generated --seeds 20` many schemas. */
const OPERATIONS = 150

let database: TestDatabase
/** What Prisma makes of the reference schema, once for all tests. */
let reference: GeneratedApplication

beforeAll(async () => {
  const { url, drop } = await createEmptyDatabase()
  reference = await generateApplication(fileURLToPath(new URL('../../prisma/schema', import.meta.url)), url)
  await drop()
})

afterAll(() => reference?.remove())

beforeEach(async () => {
  database = await createEmptyDatabase()
})

afterEach(() => database.drop())

async function run(
  schema: string | GeneratedApplication,
  capture: Capture,
  seed: number,
  operations = OPERATIONS,
) {
  const result = await runDifferential({ schema, url: database.url, seed, operations, capture })
  console.info(report(result))
  return result
}

/** Most of what is made gets through, capture refuses nothing, and enough of it changes something. */
function expectUseful({ operations, issued, refused, refusedByCapture, changed }: DifferentialResult): void {
  expect(refusedByCapture).toEqual([])
  expect(refused).toBeLessThan(issued / 10)
  expect(changed).toBeGreaterThan(operations / 2)
}

describe('triggers: published is what changed, exactly', () => {
  test.each([1, Math.floor(Math.random() * 1e9)])(
    'the reference schema, seed %i',
    async (seed) => {
      const result = await run(reference, byTriggers, seed)
      expect(result.missed).toEqual([])
      expect(result.superfluous).toEqual([])
      expectUseful(result)
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
        return () => ({ client, reported: () => [] })
      },
    }
    const options = { url: database.url, seed: 1, operations: OPERATIONS, capture: broken }
    const result = await runDifferential({ ...options, schema: reference })
    const missed = result.missed.find(({ target }) => target === 'own-Request')
    expect(missed).toBeDefined()
    // What was tried is smaller, and is missed in a repetition of the run too.
    const smaller = missed && (await shrink(options, reference, missed, 10))
    expect(smaller && describeUnit(smaller).length).toBeLessThan(describeUnit(missed?.unit as Unit).length)
  }, 180_000)
})

describe('a schema that a seed makes: keys that are foreign keys, shared columns, odd names, views, generated columns', () => {
  test.each([1, 2])(
    'seed %i',
    async (seed) => {
      await withGeneratedSchema(seed, async (folder) => {
        const schema = await generateApplication(folder, database.url)
        try {
          const triggers = await run(schema, byTriggers, seed, OPERATIONS / 3)
          expect(triggers.missed).toEqual([])
          expect(triggers.superfluous).toEqual([])
          expectUseful(triggers)
          await database.drop()
          database = await createEmptyDatabase()
          const extension = await run(schema, byExtension, seed, OPERATIONS / 3)
          expect(extension.missed.filter((one) => !one.reported)).toEqual([])
          expectUseful(extension)
        } finally {
          await schema.remove()
        }
      })
    },
    180_000,
  )
})

test('extension: whatever is missed was reported when it happened', async () => {
  const result = await run(reference, byExtension, 1)
  expect(result.missed.filter((one) => !one.reported)).toEqual([])
  expectUseful(result)
}, 180_000)

test('the same seed repeats a run', async () => {
  const first = await run(reference, byExtension, 2, 40)
  await database.drop()
  database = await createEmptyDatabase()
  expect(await run(reference, byExtension, 2, 40)).toMatchObject({ trace: first.trace })
}, 180_000)
