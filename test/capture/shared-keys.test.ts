import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeback } from '../../src/capture/extension/extension.ts'
import { installJobs } from '../../src/operations/install.ts'
import { forClient } from '../../src/targets/for-client.ts'
import { type AnyPrismaClient, type Application, openApplication } from '../differential/application.ts'
import { installAudit, takeChanges } from '../differential/audit.ts'
import { applicationModels } from '../differential/catalog.ts'
import { createEmptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { type LogLine, memoryLog } from './support.ts'

/*
 * Writes after which a foreign key does not lead to what they wrote: another relation wrote the same column, or the
 * record's own key is the foreign key. The keys are spelled out, and row triggers of the test's own say the same.
 */

const SCHEMA = fileURLToPath(new URL('./schema/shared-keys.prisma', import.meta.url))

let database: TestDatabase
let application: Application
let plain: AnyPrismaClient
let lines: LogLine[]
/** Refuses what it cannot follow. */
let strict: AnyPrismaClient
let warning: AnyPrismaClient

beforeAll(async () => {
  database = await createEmptyDatabase()
  application = await openApplication(SCHEMA, database.url)
  const { dataModel, pool } = application
  const models = applicationModels(dataModel)
  const { defineConfig, sheetTarget } = forClient<never>(dataModel)
  const columns = [{ header: 'x', value: () => 1 }]
  const targets = models.map(({ name }) =>
    sheetTarget({ name, model: name, spreadsheetId: 's', tab: name, columns } as never),
  )
  const config = (unfollowed: 'warn' | 'throw') =>
    defineConfig({ targets, capture: { mode: 'extension', unfollowed } })
  await installJobs(database.url, config('throw'))
  await installAudit(pool, models)
  const memory = memoryLog()
  lines = memory.lines
  const extended = (unfollowed: 'warn' | 'throw') => {
    const client = application.client() as unknown as { $extends(extension: unknown): AnyPrismaClient }
    return client.$extends(writeback(config(unfollowed), { log: memory.log }))
  }
  plain = application.client()
  strict = extended('throw')
  warning = extended('warn')
}, 120_000)

afterAll(async () => {
  await application?.close()
  await database?.drop()
})

beforeEach(async () => {
  await application.pool.query(
    'truncate "Org", "Post", "Seal", "Tag", "Workspace", "Dir", "Node", "Ring" cascade',
  )
  await plain.org.createMany({ data: ['a', 'b'].map((id) => ({ id, email: `${id}@x` })) })
  await plain.billing.create({ data: { orgId: 'a', lines: { create: { id: 1 } } } })
  await plain.setting.create({ data: { orgId: 'a', name: 'n' } })
  await plain.post.create({ data: { id: 'p1', orgId: 'a' } })
  await plain.tag.create({ data: { id: 't1', orgs: { connect: { id: 'a' } } } })
  await plain.workspace.createMany({ data: [{ id: 'w1' }, { id: 'w2' }] })
  await plain.dir.createMany({ data: [{ id: 'd1' }, { id: 'd2' }] })
  await plain.dirWorkspace.create({ data: { dirId: 'd1', wsId: 'w1' } })
  await plain.dirWorkspace.create({ data: { dirId: 'd2', wsId: 'w1' } })
  await plain.source.create({ data: { id: 's', dirId: 'd1', wsId: 'w1' } })
  await plain.node.create({ data: { id: 'n4' } })
  await plain.node.create({ data: { id: 'n1', belowId: 'n4' } })
  await plain.node.create({ data: { id: 'n2', besideId: 'n1', belowId: 'n1' } })
  await plain.node.create({ data: { id: 'n3', besideId: 'n2' } })
  await plain.flag.create({ data: { node: { create: { id: 'n5' } } } })
  await plain.link.create({ data: { id: 'l1', ring: { create: { id: 'r1' } } } })
  await plain.link.create({ data: { id: 'l2', prevId: 'l1', ringId: 'r1' } })
  await plain.link.create({ data: { id: 'l3', prevId: 'l2', ringId: 'r1' } })
  await changed()
  await published()
  lines.length = 0
})

/** `Model:id` of the rows that changed; those that came and went in the same write were never seen. */
async function changed(): Promise<string[]> {
  const { records, passing } = await takeChanges(application.pool, application.dataModel)
  const seen = [...records].flatMap(([model, ids]) =>
    [...ids].flatMap((id) => (passing.get(model)?.has(id) ? [] : [`${model}:${id}`])),
  )
  return seen.sort()
}

async function published(): Promise<string[]> {
  const { rows } = await application.pool.query<{ key: string }>(
    `delete from pgboss.job where name = 'sync.write-back' returning data->>'model' || ':' || (data->>'id') as key`,
  )
  return rows.map(({ key }) => key).sort()
}

type Call = (client: AnyPrismaClient) => PromiseLike<unknown>
/** Last: what the extension publishes although nothing of the row changed. */
type Case = readonly [name: string, call: Call, keys: readonly string[], also?: readonly string[]]

const billing =
  (org: object, more = {}): Call =>
  (c) =>
    c.billing.update({ where: { orgId: 'a' }, data: { org, ...more } })
const setting =
  (data: object): Call =>
  (c) =>
    c.setting.update({ where: { orgId_name: { orgId: 'a', name: 'n' } }, data })
const org =
  (data: object): Call =>
  (c) =>
    c.org.update({ where: { id: 'a' }, data: { name: 'x', ...data } })
const post =
  (data: object): Call =>
  (c) =>
    c.post.update({ where: { id: 'p1' }, data: { org: data } })
const above =
  (data: object): Call =>
  (c) =>
    c.node.update({ where: { id: 'n4' }, data: { above: data } })
const pair = { connect: { dirId_wsId: { dirId: 'd1', wsId: 'w1' } } }
const MOVED = ['Billing:a', 'Billing:b', 'Line:1']

const keysOfOthers: readonly Case[] = [
  ['connect', billing({ connect: { id: 'b' } }), MOVED],
  ['connect by another unique', billing({ connect: { email: 'b@x' } }), MOVED],
  [
    'connectOrCreate of an existing one',
    billing({ connectOrCreate: { where: { id: 'b' }, create: { id: 'c' } } }),
    MOVED,
  ],
  [
    'connectOrCreate that creates, under another id than it looked for',
    billing({ connectOrCreate: { where: { id: 'q' }, create: { id: 'c' } } }),
    ['Billing:a', 'Billing:c', 'Line:1', 'Org:c'],
  ],
  [
    'connectOrCreate by another unique',
    billing({ connectOrCreate: { where: { email: 'b@x' }, create: { id: 'c' } } }),
    MOVED,
  ],
  ['create', billing({ create: { id: 'c' } }), ['Billing:a', 'Billing:c', 'Line:1', 'Org:c']],
  [
    'an update of the key that it refers to',
    billing({ update: { id: 'c' } }, { plan: 'p' }),
    ['Billing:a', 'Billing:c', 'Line:1', 'Org:a', 'Org:c', 'Post:p1', 'Setting:a|n', 'Setting:c|n'],
  ],
  [
    'an upsert that updates the key that it refers to',
    billing({ upsert: { create: { id: 'y' }, update: { id: { set: 'c' } } } }),
    ['Billing:a', 'Billing:c', 'Line:1', 'Org:a', 'Org:c', 'Post:p1', 'Setting:a|n', 'Setting:c|n'],
  ],
  ['two operations', billing({ create: { id: 'c' }, connect: { id: 'b' } }), [...MOVED, 'Org:c']],
  [
    "upsert's update",
    (c) =>
      c.billing.upsert({
        where: { orgId: 'a' },
        create: { org: { create: { id: 'y' } } },
        update: { org: { connect: { id: 'b' } } },
      }),
    MOVED,
  ],
  [
    "upsert's create",
    (c) =>
      c.billing.upsert({
        where: { orgId: 'y' },
        create: { org: { create: { id: 'y' } } },
        update: { org: { connect: { id: 'b' } } },
      }),
    ['Billing:y', 'Org:y'],
  ],
  ['a part of the key, connect', setting({ org: { connect: { id: 'b' } } }), ['Setting:a|n', 'Setting:b|n']],
  [
    'a part of the key, and the other by value',
    setting({ name: 'm', org: { connectOrCreate: { where: { id: 'b' }, create: { id: 'c' } } } }),
    ['Setting:a|n', 'Setting:b|m'],
  ],
  [
    'a part of the key, which the database changes along',
    setting({ value: 'u', org: { update: { id: 'c' } } }),
    ['Billing:a', 'Billing:c', 'Line:1', 'Org:a', 'Org:c', 'Post:p1', 'Setting:a|n', 'Setting:c|n'],
  ],
  [
    'connect from the other side',
    (c) => c.org.update({ where: { id: 'b' }, data: { name: 'x', billing: { connect: { orgId: 'a' } } } }),
    [...MOVED, 'Org:b'],
  ],
]

const sharedColumns: readonly Case[] = [
  [
    'creates of two relations, and a third that has their columns',
    (c) =>
      c.source.create({
        data: { id: 't', ws: { create: { id: 'w9' } }, dir: { create: { id: 'd9' } }, link: pair },
      }),
    ['Dir:d9', 'Source:t', 'Workspace:w9'],
  ],
  [
    'an update that creates twice, the records with their own',
    (c) =>
      c.source.update({
        where: { id: 's' },
        data: {
          ws: { create: { id: 'w9', dirs: { create: { dir: { create: { id: 'd9' } } } } } },
          link: { create: { dir: { connect: { id: 'd2' } }, ws: { connect: { id: 'w2' } } } },
        },
      }),
    ['Dir:d9', 'DirWorkspace:d2|w2', 'DirWorkspace:d9|w9', 'Source:s', 'Workspace:w9'],
  ],
  [
    'connectOrCreate',
    (c) =>
      c.source.create({
        data: {
          id: 't',
          ws: { connectOrCreate: { where: { id: 'w9' }, create: { id: 'w9' } } },
          dir: { connect: { id: 'd1' } },
          link: pair,
        },
      }),
    ['Source:t', 'Workspace:w9'],
  ],
  [
    'a create under a create that writes the same foreign key: nothing refers to it',
    (c) =>
      c.dirWorkspace.create({
        data: {
          dir: { connect: { id: 'd1' } },
          ws: { connect: { id: 'w2' } },
          sources: { create: { id: 't', ws: { create: { id: 'w9' } }, dir: { connect: { id: 'd1' } } } },
        },
      }),
    ['DirWorkspace:d1|w2', 'Source:t', 'Workspace:w9'],
  ],
  [
    'the same, with more created under it',
    (c) =>
      c.dirWorkspace.update({
        where: { dirId_wsId: { dirId: 'd1', wsId: 'w1' } },
        data: {
          sources: {
            connectOrCreate: {
              where: { id: 't' },
              create: {
                id: 't',
                ws: { create: { id: 'w9', dirs: { create: { dir: { create: { id: 'd9' } } } } } },
                dir: { connect: { id: 'd1' } },
              },
            },
          },
        },
      }),
    ['Dir:d9', 'DirWorkspace:d9|w9', 'Source:t', 'Workspace:w9'],
    ['DirWorkspace:d1|w1'],
  ],
  [
    'the same, by an upsert',
    (c) =>
      c.dirWorkspace.update({
        where: { dirId_wsId: { dirId: 'd1', wsId: 'w1' } },
        data: {
          sources: {
            upsert: {
              where: { id: 't' },
              create: { id: 't', ws: { create: { id: 'w9' } }, dir: { connect: { id: 'd1' } } },
              update: {},
            },
          },
        },
      }),
    ['Source:t', 'Workspace:w9'],
    ['DirWorkspace:d1|w1'],
  ],
  [
    'a connect, and an update of what another relation then leads to',
    (c) =>
      c.source.update({
        where: { id: 's' },
        data: {
          link: { connect: { dirId_wsId: { dirId: 'd2', wsId: 'w1' } } },
          dir: { update: { id: 'd9' } },
        },
      }),
    ['Dir:d2', 'Dir:d9', 'DirWorkspace:d2|w1', 'DirWorkspace:d9|w1', 'Source:s'],
  ],
  [
    'nested in a create whose foreign key they write too',
    (c) =>
      c.workspace.create({
        data: {
          id: 'w9',
          sources: { create: { id: 't', dir: { create: { id: 'd9' } }, link: pair } },
        },
      }),
    // Which one wins is Prisma's choice, and that there is no such pair is an error.
    [],
  ],
]

const severalOperations: readonly Case[] = [
  [
    'create and set, of a list',
    org({ posts: { create: { id: 'p9' }, set: [] } }),
    ['Org:a', 'Post:p1', 'Post:p9'],
  ],
  [
    'set and create, of a list',
    org({ posts: { set: [], create: { id: 'p9' } } }),
    ['Org:a', 'Post:p1', 'Post:p9'],
  ],
  ['create and set, of links', org({ tags: { create: { id: 't9' }, set: [] } }), ['Org:a', 'Tag:t9']],
  ['create and disconnect', post({ create: { id: 'n' }, disconnect: true }), ['Org:n', 'Post:p1']],
  ['disconnect and create', post({ disconnect: true, create: { id: 'n' } }), ['Org:n', 'Post:p1']],
  ['create and connect', post({ create: { id: 'n' }, connect: { id: 'b' } }), ['Org:n', 'Post:p1']],
  ['create and delete', post({ create: { id: 'n' }, delete: true }), ['Post:p1']],
  [
    'create and an update of its key',
    post({ create: { id: 'n' }, update: { id: 'm' } }),
    ['Org:m', 'Post:p1'],
  ],
  [
    'connect and an update of its key',
    post({ connect: { id: 'b' }, update: { id: 'm' } }),
    ['Org:b', 'Org:m', 'Post:p1'],
  ],
  ['connect and delete', post({ connect: { id: 'b' }, delete: true }), ['Org:b', 'Post:p1']],
  [
    'connect and delete, with what refers to it',
    (c) => c.node.update({ where: { id: 'n3' }, data: { below: { connect: { id: 'n1' }, delete: true } } }),
    ['Node:n1', 'Node:n2', 'Node:n3'],
  ],
  [
    'connect and delete, of a list, with what refers to it',
    (c) => c.node.update({ where: { id: 'n3' }, data: { above: { connect: { id: 'n1' }, deleteMany: {} } } }),
    ['Node:n1', 'Node:n2', 'Node:n3'],
  ],
  [
    'set and delete, of a list, with what refers to it',
    (c) =>
      c.node.update({ where: { id: 'n3' }, data: { above: { set: { id: 'n1' }, delete: { id: 'n1' } } } }),
    ['Node:n1', 'Node:n2', 'Node:n3'],
  ],
  [
    'connect and delete, of links',
    (c) =>
      c.org.update({
        where: { id: 'b' },
        data: { name: 'x', tags: { connect: { id: 't1' }, delete: { id: 't1' } } },
      }),
    ['Org:b', 'Tag:t1'],
  ],
  [
    'connectOrCreate and an update of the key, of links',
    (c) =>
      c.org.update({
        where: { id: 'b' },
        data: {
          name: 'x',
          tags: {
            connectOrCreate: { where: { id: 't1' }, create: { id: 't2' } },
            update: { where: { id: 't1' }, data: { id: 't3' } },
          },
        },
      }),
    ['Org:b', 'Tag:t1', 'Tag:t3'],
  ],
  [
    'a create under an update, and updateMany of the key that refers to it',
    above({
      update: { where: { id: 'n1' }, data: { beside: { create: { id: 'n9' } } } },
      updateMany: { where: {}, data: { besideId: 'n4' } },
    }),
    ['Node:n1', 'Node:n9'],
    ['Node:n4'],
  ],
  [
    'two updates of one record, the second of which connects another than the first has made',
    above({
      update: [
        { where: { id: 'n1' }, data: { beside: { create: { id: 'n9' } } } },
        { where: { id: 'n1' }, data: { beside: { connect: { id: 'n4' } } } },
      ],
    }),
    ['Node:n1', 'Node:n9'],
    ['Node:n4'],
  ],
  [
    'a create under an update of what is deleted',
    above({
      update: { where: { id: 'n1' }, data: { beside: { create: { id: 'n9' } } } },
      delete: { id: 'n1' },
    }),
    ['Node:n1', 'Node:n2', 'Node:n3', 'Node:n9'],
    ['Node:n4'],
  ],
]

/** An update of a node that leads to another one, and what it does there. */
const beside =
  (data: object): Call =>
  (c) =>
    c.node.update({ where: { id: 'n3' }, data: { beside: data } })

const partsOfOneCall: readonly Case[] = [
  [
    'two parts put another record in the place of one that was created',
    post({
      upsert: { create: { id: 'z' }, update: { seal: { create: { id: 's1' } } } },
      update: { seal: { create: { id: 's2' } } },
    }),
    ['Seal:s1', 'Seal:s2'],
    ['Post:p1'],
  ],
  [
    'a create in a list, which another part sets',
    above({
      update: [
        { where: { id: 'n1' }, data: { nextTo: { create: { id: 'n9' } } } },
        { where: { id: 'n1' }, data: { nextTo: { set: [] } } },
      ],
    }),
    ['Node:n2', 'Node:n9'],
    ['Node:n4'],
  ],
  [
    'a create of links, which another part sets',
    post({
      upsert: { create: { id: 'z' }, update: { tags: { create: { id: 't9' } } } },
      update: { tags: { set: [] } },
    }),
    ['Tag:t9'],
    ['Post:p1'],
  ],
  [
    'a create under a new record, which another part sets',
    above({
      create: { id: 'n9', nextTo: { create: { id: 'n10' } } },
      update: { where: { id: 'n9' }, data: { nextTo: { set: [] } } },
    }),
    ['Node:n10', 'Node:n9'],
    ['Node:n4'],
  ],
  [
    'the same at a single relation',
    beside({
      create: { id: 'n9', below: { create: { id: 'n10' } } },
      update: { below: { connect: { id: 'n4' } } },
    }),
    ['Node:n10', 'Node:n3', 'Node:n9'],
  ],
  [
    'a create under a record that the database deletes with another one',
    (c) =>
      c.node.update({
        where: { id: 'n1' },
        data: {
          above: { update: { where: { id: 'n2' }, data: { nextTo: { create: { id: 'n9' } } } } },
          below: { delete: true },
        },
      }),
    ['Node:n1', 'Node:n2', 'Node:n3', 'Node:n4', 'Node:n9'],
  ],
]

const oneToOneWithItself: readonly Case[] = [
  [
    // Prisma creates the next one, and leaves it without the link.
    'both ends of a relation',
    (c) =>
      c.link.update({
        where: { id: 'l3' },
        data: {
          prev: { upsert: { create: { id: 'l8', ring: { connect: { id: 'r1' } } }, update: {} } },
          next: { create: { id: 'l9', ring: { create: { id: 'r9' } } } },
        },
      }),
    ['Link:l9', 'Ring:r9'],
    ['Link:l3'],
  ],
]

/*
 * Prisma 7.10 gives a record that is linked by connectOrCreate the key of another record: of one that is nested in what it
 * creates. Where a record has that key, nobody is told.
 */
const deep = {
  connectOrCreate: {
    where: { id: 'n9' },
    create: { id: 'n9', above: { create: { id: 'n8', beside: { connect: { id: 'n3' } } } } },
  },
}
const keyOfAnother: readonly Case[] = [
  [
    'connectOrCreate with nested writes in nested writes, before another one',
    (c) => {
      const below = { connectOrCreate: { where: { id: 'n7' }, create: { id: 'n7' } } }
      return c.node.create({ data: { id: 'n6', beside: deep, below } })
    },
    ['Node:n6', 'Node:n7', 'Node:n8', 'Node:n9'],
  ],
  [
    'the same where the foreign key is the own key',
    (c) => {
      const ring = { connectOrCreate: { where: { id: 'r9' }, create: { id: 'r9' } } }
      return c.flag.update({ where: { nodeId: 'n5' }, data: { node: deep, ring } })
    },
    ['Flag:n5', 'Flag:n8', 'Node:n8', 'Node:n9', 'Ring:r9'],
  ],
]

const referredTwice: readonly Case[] = [
  ['a delete', (c) => c.node.delete({ where: { id: 'n1' } }), ['Node:n1', 'Node:n2', 'Node:n3']],
  [
    'deletes of several',
    (c) => c.node.deleteMany({ where: { id: { in: ['n1', 'n4'] } } }),
    ['Node:n1', 'Node:n2', 'Node:n3', 'Node:n4'],
  ],
  [
    'a nested delete',
    (c) => c.node.update({ where: { id: 'n4' }, data: { above: { delete: { id: 'n1' } } } }),
    ['Node:n1', 'Node:n2', 'Node:n3'],
    ['Node:n4'],
  ],
]

describe.each([
  { kind: 'a record that refers twice to what is deleted', cases: referredTwice },
  { kind: 'a key that is a foreign key', cases: keysOfOthers },
  { kind: 'relations that share a column', cases: sharedColumns },
  { kind: 'several operations on one relation', cases: severalOperations },
  { kind: 'a relation of one to one with itself', cases: oneToOneWithItself },
  { kind: 'operations on one relation in several parts of a call', cases: partsOfOneCall },
  { kind: "another record's key", cases: keyOfAnother },
])('$kind', ({ cases }) => {
  test.each(cases.map(([name, call, keys, also = []]) => ({ name, call, keys, also })))(
    '$name',
    async ({ call, keys, also }) => {
      const answered = await call(strict).then(
        (answer) => ({ answer }),
        (error: Error) => ({ error: error.name }),
      )
      expect(await changed()).toEqual([...keys].sort())
      expect(await published()).toEqual([...keys, ...also].sort())
      if (keys.length === 0) expect(answered).toEqual({ error: 'PrismaClientKnownRequestError' })
    },
  )
})

describe('a table that is too large to be searched', () => {
  beforeAll(async () => {
    await application.pool.query('alter table "Workspace" alter column name set storage plain')
  })
  beforeEach(async () => {
    await application.pool.query(
      `insert into "Workspace" select 'large' || i, repeat('x', 1900) from generate_series(1, 20000) i`,
    )
    await changed()
  })
  const call: Call = (c) =>
    c.source.create({
      data: { id: 't', ws: { create: { id: 'w9' } }, dir: { create: { id: 'd9' } }, link: pair },
    })

  test('is reported, and the others are published', async () => {
    await call(warning)
    expect(await changed()).toEqual(['Dir:d9', 'Source:t', 'Workspace:w9'])
    expect(await published()).toEqual(['Dir:d9', 'Source:t'])
    expect(lines).toMatchObject([
      { code: 'CAPTURE_UNFOLLOWED', models: ['Workspace'], write: 'Source.create' },
    ])
  })

  test('is refused before the write, where the config says so', async () => {
    await expect(call(strict)).rejects.toMatchObject({
      code: 'CAPTURE_UNFOLLOWED',
      message: expect.stringContaining('Workspace'),
    })
    expect(await changed()).toEqual([])
  })

  test('is no matter for a write that a foreign key leads to', async () => {
    await strict.source.create({
      data: { id: 't', ws: { connect: { id: 'w1' } }, dir: { connect: { id: 'd1' } }, link: pair },
    })
    await strict.workspace.create({ data: { id: 'w9', dirs: { create: { dir: { create: { id: 'd9' } } } } } })
    expect(await published()).toEqual(['Dir:d9', 'DirWorkspace:d9|w9', 'Source:t', 'Workspace:w9'])
  })
})
