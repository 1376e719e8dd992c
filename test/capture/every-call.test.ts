import { afterEach, describe, expect, test } from 'vitest'
import { Prisma, type PrismaClient } from '../../prisma/generated/client/client.ts'
import { watchEveryCall } from '../../src/capture/extension/every-call.ts'
import { writeback } from '../../src/capture/extension/extension.ts'
import { seed } from './cases.ts'
import { createWorld, memoryLog, type World, type WorldOptions } from './support.ts'

/*
 * Extensions that come before ours may keep the client they were given and write through it, past the hooks of the
 * clients that are extended later.
 */

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

async function open(options: WorldOptions): Promise<World> {
  world = await createWorld(options)
  await seed(world.base)
  return world
}

const extended = (client: unknown) => client as PrismaClient

/** As @prisma/extension-read-replicas has it: reads go elsewhere, `$primary()` answers with the client it was given. */
const readReplicas = (client: PrismaClient) =>
  extended(
    client.$extends(
      Prisma.defineExtension((given) =>
        given.$extends({
          name: 'read-replicas',
          client: { $primary: () => given },
        }),
      ),
    ),
  )
type WithPrimary = PrismaClient & { $primary(): PrismaClient }

/** As Prisma's documentation has it: `delete` is an update, made with the client that the extension was given. */
const softDelete = (client: PrismaClient) =>
  extended(
    client.$extends(
      Prisma.defineExtension((given) =>
        given.$extends({
          name: 'soft-delete',
          query: {
            operator: {
              delete: ({ args }) =>
                extended(given).operator.update({ ...args, data: { active: false } }) as never,
              deleteMany: ({ args }) =>
                extended(given).operator.updateMany({ ...args, data: { active: false } }) as never,
            },
          },
        }),
      ),
    ),
  )

describe('a client that an earlier extension keeps', () => {
  test("read replicas' $primary(): every write, in every form", async () => {
    const { prisma, takeKeys, lines } = await open({ before: readReplicas })
    const primary = (prisma as WithPrimary).$primary()
    await primary.operator.update({ where: { id: 100 }, data: { name: 'n' } })
    expect(await takeKeys()).toEqual(['operators:Operator:100'])
    await primary.$transaction(async (tx) => {
      await tx.operator.updateMany({ where: { id: { in: [101, 102] } }, data: { name: 'n' } })
      await tx.request.update({ where: { id: 'r1' }, data: { items: { deleteMany: {} } } })
    })
    expect(await takeKeys()).toEqual([
      'items:RequestItem:r1|1',
      'items:RequestItem:r1|2',
      'operators:Operator:101',
      'operators:Operator:102',
      'requests:Request:r1',
    ])
    await primary.$transaction([primary.operator.update({ where: { id: 100 }, data: { name: 'm' } })])
    expect(await takeKeys()).toEqual(['operators:Operator:100'])
    const undone = primary.$transaction(async (tx) => {
      await tx.operator.delete({ where: { id: 100 } })
      throw new Error('undo')
    })
    await expect(undone).rejects.toThrow('undo')
    expect(await takeKeys()).toEqual([])
    expect(lines).toEqual([])
  })

  test('a batch of it: what cannot be followed is reported', async () => {
    const { prisma, lines } = await open({ before: readReplicas })
    const primary = (prisma as WithPrimary).$primary()
    await primary.$transaction([primary.operator.updateMany({ data: { name: 'n' } })])
    expect(lines).toMatchObject([{ code: 'CAPTURE_UNFOLLOWED', models: ['Operator'] }])
  })

  test('raw SQL by it is reported', async () => {
    const { prisma, lines } = await open({ before: readReplicas })
    await (prisma as WithPrimary).$primary().$executeRaw`update operators set rating = 1`
    expect(lines).toMatchObject([{ code: 'CAPTURE_UNFOLLOWED', models: ['Operator'], write: '$executeRaw' }])
  })

  test('a soft delete', async () => {
    const { prisma, base, takeKeys, jobs } = await open({ before: softDelete })
    await prisma.operator.delete({ where: { id: 100 } })
    expect((await jobs()).map(({ key, operation }) => [key, operation])).toEqual([
      ['operators:Operator:100', 'update'],
    ])
    await takeKeys()
    await prisma.operator.deleteMany({ where: { id: { gt: 100 } } })
    expect(await takeKeys()).toEqual(['operators:Operator:101', 'operators:Operator:102'])
    expect(await base.operator.count({ where: { active: false } })).toBe(3)
  })

  test('an extension of it that the extension made, and one that came before', async () => {
    let kept: PrismaClient | undefined
    const keeping = (client: PrismaClient) => {
      const labelled = client.$extends({
        result: { operator: { label: { needs: { id: true }, compute: (one) => `<${one.id}>` } } },
      })
      kept = extended(labelled.$extends({ name: 'inner' }))
      return extended(labelled)
    }
    const { keys } = await open({ before: keeping })
    const select = { label: true } as object
    const answer = await kept?.operator.update({ where: { id: 100 }, data: { name: 'n' }, select })
    expect({ ...answer, keys: Object.keys(answer ?? {}) }).toMatchObject({ label: '<100>', keys: ['label'] })
    expect(await keys()).toEqual(['operators:Operator:100'])
  })
})

describe('each write once', () => {
  const statements = async (make: (client: PrismaClient) => PrismaClient) => {
    let publishes = 0
    const { prisma, keys } = await open({
      before: (client) => {
        ;(client as { $on: (event: string, listener: (event: { query: string }) => void) => void }).$on(
          'query',
          ({ query }) => {
            if (query.includes('sync_publish')) publishes++
          },
        )
        return client
      },
      log: ['query'],
    })
    await make(prisma).operator.update({ where: { id: 100 }, data: { name: 'n' } })
    expect(await keys()).toEqual(['operators:Operator:100'])
    return publishes
  }

  test('of the extended client', async () => {
    expect(await statements((prisma) => prisma)).toBe(1)
  })

  test('of the client that was extended', async () => {
    let plain: PrismaClient | undefined
    const { keys } = await open({
      before: (client) => {
        plain = client
        return client
      },
    })
    await plain?.operator.update({ where: { id: 100 }, data: { name: 'n' } })
    expect(await keys()).toEqual(['operators:Operator:100'])
  })

  test('of a client that is extended again and again, as when modules are loaded again', async () => {
    let last: PrismaClient | undefined
    const again = (client: PrismaClient) => {
      for (let turn = 0; turn < 3; turn++) {
        last = extended(client.$extends(writeback((world as World).config, { log: memoryLog().log })))
      }
      return last as PrismaClient
    }
    let plain: PrismaClient | undefined
    const publishes = await statements((prisma) => {
      plain = extended((prisma as unknown as { $parent: PrismaClient }).$parent)
      again(plain)
      return plain
    })
    expect(publishes).toBe(1)
  })
})

describe('a Prisma that has changed', () => {
  test('is known by what is missing', () => {
    expect(watchEveryCall({}, async () => null)).toBe(false)
    expect(watchEveryCall({ _originalClient: {} }, async () => null)).toBe(false)
  })

  test('is warned of, with the names of the extensions whose writes may be missed', async () => {
    const { config } = await open({})
    const { log, lines } = memoryLog()
    const head = { extension: { name: 'soft-delete' }, previous: { extension: { name: 'read-replicas' } } }
    const stub = { $extends: (extension: object) => extension, _extensions: { head } }
    writeback(config, { log })(stub)
    expect(lines[0]).toMatchObject({
      code: 'PRISMA_SEAM_CHANGED',
      extensions: ['read-replicas', 'soft-delete'],
      msg: expect.stringContaining('read-replicas, soft-delete'),
    })
  })
})
