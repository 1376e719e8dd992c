import { afterEach, beforeEach, expect, it } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient, QUEUES } from '../../src/index.ts'
import { clientOf } from '../support/client-of.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

const tags = sheetTarget({
  name: 'tags',
  spreadsheetId: SPREADSHEET,
  tab: 'Tags',
  model: 'Tag',
  columns: [
    { header: 'Letters', value: ({ name }) => name.length },
    { header: 'Name', field: 'name', writable: true },
  ],
  edits: { newRows: 'create', detect: { everySeconds: 2 } },
})

let world: World

beforeEach(async () => {
  world = await openWorld((url) => defineConfig({ client: () => clientOf(url), targets: [tags] }))
  await world.app.tag.createMany({ data: [{ name: 'one' }, { name: 'two' }] })
  await world.work()
  await until('the rows stand', async () => (await world.keys('Tags')).length === 2, 30_000)
}, 60_000)
afterEach(() => world.close())

/** Looks that came to their end since. */
const looksSince = async (since: Date) =>
  (
    await world.sql.query(
      `select from pgboss.job where name = $1 and state = 'completed' and started_on > $2`,
      [QUEUES.pull, since],
    )
  ).length

/** Types a name, where the person sees its column, and waits until the record has it. */
async function edit(cell: string, name: string): Promise<void> {
  await world.person.type(`Tags!${cell}`, [[name]])
  await until(
    `${name} has arrived`,
    async () => (await world.app.tag.count({ where: { name } })) === 1,
    30_000,
  )
}

it('columns that people move are found by one batch, though nothing is to be written', async () => {
  await world.settled('tags')
  await world.person.insert('COLUMNS', 1, 2, 'Tags')
  const column = async () => {
    const [row] = await world.sql.query<{ at: number }>(
      `select (place -> 'layout' -> 'columns' ->> 'Name')::int as at from sync_target`,
    )
    return row?.at
  }
  await until('it is known where they stand', async () => (await column()) === 3, 30_000)
  await world.settled('tags')
  const [{ now } = { now: new Date() }] = await world.sql.query<{ now: Date }>('select now()')
  await until('looks have been made', async () => (await looksSince(now)) >= 3, 30_000)
  const asked = await world.sql.query(`select from pgboss.job where name = $1 and created_on > $2`, [
    QUEUES.writeBack,
    now,
  ])
  expect(asked).toHaveLength(0)

  await edit('D2', 'Typed')
})

it('a key column that people move is looked for, too', async () => {
  await world.settled('tags')
  // The key stands where the letters were, and those in its place.
  await world.person.do({
    moveDimension: {
      source: {
        sheetId: await world.person.sheetId('Tags'),
        dimension: 'COLUMNS',
        startIndex: 0,
        endIndex: 1,
      },
      destinationIndex: 2,
    },
  })
  await edit('C2', 'Typed')
})

it('a row that is added where columns were moved becomes a record, though no record stands there', async () => {
  await world.app.tag.deleteMany()
  await until('the rows are gone', async () => (await world.keys('Tags')).length === 0, 30_000)
  await world.settled('tags')
  await world.person.insert('COLUMNS', 0, 1, 'Tags')
  await world.person.type('Tags!B2:D2', [['', '', 'new']])
  await until('there is a record', async () => (await world.app.tag.count()) === 1, 30_000)
})
