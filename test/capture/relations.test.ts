import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type GeneratedApplication, generateApplication } from '../differential/application.ts'
import { byExtension } from '../differential/capture-modes.ts'
import { runDifferential } from '../differential/run.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'

/*
 * Random operations over a schema with every kind of relation, compared with what audit triggers saw. The seeds are
 * fixed: a run that fails can be repeated with `npm run differential -- --mode extension --schema ... --seed n`.
 */

const SCHEMA = fileURLToPath(new URL('./schema/relations.prisma', import.meta.url))

let schema: GeneratedApplication
beforeAll(async () => {
  const { url, drop } = await createEmptyDatabase()
  schema = await generateApplication(SCHEMA, url)
  await drop()
})
afterAll(() => schema?.remove())

let database: TestDatabase
beforeEach(async () => {
  database = await createEmptyDatabase()
})
afterEach(() => database.drop())

test.each([1, 3, 5])(
  'whatever is missed was reported when it happened, seed %i',
  async (seed) => {
    const result = await runDifferential({
      schema,
      url: database.url,
      seed,
      operations: 200,
      capture: byExtension,
    })
    expect(result.missed.filter((one) => !one.reported)).toEqual([])
    expect(result.committed).toBeGreaterThan(result.units / 3)
    expect(result.changed).toBeGreaterThan(100)
  },
  180_000,
)
