import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seed } from './cases.ts'
import { createWorld, type World } from './support.ts'

describe('a write that is not followed', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    await world.clear()
    await seed(world.base)
  })

  const warnings = () => world.lines.filter((line) => line.level === 40)

  test('raw SQL that writes: a warning that names the model, once per statement', async () => {
    for (let turn = 0; turn < 3; turn++) {
      await world.prisma.$executeRaw`update operators set rating = ${turn}`
      await world.prisma.$executeRawUnsafe('delete from notes')
    }
    expect(warnings()).toMatchObject([
      { code: 'CAPTURE_UNFOLLOWED', models: ['Operator'], write: '$executeRaw' },
      { code: 'CAPTURE_UNFOLLOWED', models: ['Note'], write: '$executeRawUnsafe' },
    ])
  })

  test('a statement is not logged, it may hold values of customers', async () => {
    await world.prisma.$executeRawUnsafe(
      `update operators set rating = 1 where display_name = 'Ada Lovelace'`,
    )
    expect(warnings()).toHaveLength(1)
    expect(JSON.stringify(warnings())).not.toContain('Ada')
  })

  test('raw SQL that returns rows is looked at too', async () => {
    await world.prisma.$queryRaw`update "Revenue" set settled = true returning id`
    expect(warnings()).toMatchObject([{ models: ['Revenue'], write: '$queryRaw' }])
  })

  test('in a transaction as well', async () => {
    await world.prisma.$transaction((tx) => tx.$executeRaw`update requests set comment = 'x'`)
    expect(warnings()).toMatchObject([{ models: ['Request'] }])
  })

  test('nothing is said of reading, nor of tables that no target shows', async () => {
    await world.prisma.$queryRaw`select * from operators`
    await world.prisma.$executeRaw`update countries set dial_code = '49'`
    expect(warnings()).toEqual([])
  })
})

test('unfollowed: throw refuses the write before it is made', async () => {
  const world = await createWorld({ capture: { mode: 'extension', unfollowed: 'throw' } })
  try {
    await seed(world.base)
    await expect(world.prisma.$executeRaw`update operators set rating = 7`).rejects.toMatchObject({
      code: 'CAPTURE_UNFOLLOWED',
      message: expect.stringContaining('Operator'),
    })
    expect(await world.base.operator.count({ where: { rating: 7 } })).toBe(0)
  } finally {
    await world.close()
  }
})
