import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTriggerWorld, plainTargets, type TriggerWorld } from './support.ts'

let world: TriggerWorld
let operator: number

beforeAll(async () => {
  world = await createTriggerWorld(plainTargets)
})

afterAll(() => world.close())

beforeEach(async () => {
  await world.pool.query('truncate countries, airports, operators, requests, tags, "Revenue" cascade')
  await world.prisma.country.create({ data: { code: 'DE', name: 'Germany' } })
  ;({ id: operator } = await world.prisma.operator.create({
    data: { code: '007', name: 'North', countryCode: 'DE' },
  }))
  await world.pool.query('delete from pgboss.job')
})

const request = (id: string) => ({ id, reference: `ref-${id}`, customerName: 'Ada' })
const airport = (iata: string) => ({ iata, name: iata, country: 'DE', latitude: 1.5, longitude: 2.5 })

describe('through Prisma', () => {
  test('create, update, upsert, delete', async () => {
    const { request: requests } = world.prisma
    await requests.create({ data: request('a') })
    expect(await world.takeLines()).toEqual(['requests:Request:a create'])
    await requests.update({ where: { id: 'a' }, data: { customerName: 'Bea' } })
    expect(await world.takeLines()).toEqual(['requests:Request:a update'])
    await requests.upsert({ where: { id: 'a' }, create: request('a'), update: { customerName: 'Cid' } })
    expect(await world.takeLines()).toEqual(['requests:Request:a update'])
    await requests.upsert({ where: { id: 'b' }, create: request('b'), update: {} })
    expect(await world.takeLines()).toEqual(['requests:Request:b create'])
    await requests.delete({ where: { id: 'a' } })
    expect(await world.takeLines()).toEqual(['requests:Request:a delete'])
  })

  test('createMany, createManyAndReturn, updateMany, updateManyAndReturn, deleteMany', async () => {
    const { airport: airports } = world.prisma
    await airports.createMany({ data: [airport('AAA'), airport('BBB')] })
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create', 'airports:Airport:BBB create'])
    await airports.createManyAndReturn({ data: [airport('BBB'), airport('CCC')], skipDuplicates: true })
    expect(await world.takeLines()).toEqual(['airports:Airport:CCC create'])
    await airports.updateMany({ where: { iata: { in: ['AAA', 'BBB'] } }, data: { city: 'Bonn' } })
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA update', 'airports:Airport:BBB update'])
    await airports.updateManyAndReturn({ data: { city: 'Bonn' } })
    // The two others say Bonn already: nothing of them changed.
    expect(await world.takeLines()).toEqual(['airports:Airport:CCC update'])
    await airports.deleteMany({ where: { iata: { not: 'AAA' } } })
    expect(await world.takeLines()).toEqual(['airports:Airport:BBB delete', 'airports:Airport:CCC delete'])
  })

  test('nested writes, three levels', async () => {
    await world.prisma.operator.update({
      where: { id: operator },
      data: {
        requests: {
          create: { ...request('a'), items: { create: { position: 1, kind: 'FLIGHT', title: 'Out' } } },
        },
      },
    })
    // Prisma leaves the operator's own row alone, updatedAt included.
    expect(await world.takeLines()).toEqual(['items:RequestItem:a|1 create', 'requests:Request:a create'])
    await world.prisma.operator.update({
      where: { id: operator },
      data: { requests: { disconnect: { id: 'a' } } },
      select: { id: true },
    })
    expect(await world.takeLines()).toEqual(['requests:Request:a update'])
    await world.prisma.request.update({
      where: { id: 'a' },
      data: {
        items: {
          upsert: {
            where: { requestId_position: { requestId: 'a', position: 2 } },
            create: { position: 2, kind: 'HOTEL', title: 'Stay' },
            update: {},
          },
        },
        notes: {
          createMany: {
            data: [
              { author: 'x', body: 'y' },
              { author: 'x', body: 'z' },
            ],
          },
        },
      },
    })
    const notes = await world.prisma.note.findMany({ orderBy: { id: 'asc' } })
    expect(await world.takeLines()).toEqual([
      'items:RequestItem:a|2 create',
      ...notes.map((note) => `notes:Note:${note.id} create`),
    ])
  })

  test('cascades', async () => {
    await world.prisma.request.create({
      data: {
        ...request('a'),
        operatorId: operator,
        items: {
          create: [
            { position: 1, kind: 'FLIGHT', title: 'Out' },
            { position: 2, kind: 'HOTEL', title: 'Stay' },
          ],
        },
        revenues: { create: { amount: '1.5', currency: 'EUR', minorUnits: 150n, accountingOn: new Date(0) } },
      },
    })
    await world.take()
    const [revenue] = await world.prisma.revenue.findMany()
    await world.prisma.request.delete({ where: { id: 'a' } })
    expect(await world.takeLines()).toEqual([
      'items:RequestItem:a|1 delete',
      'items:RequestItem:a|2 delete',
      'requests:Request:a delete',
      // onDelete: SetNull
      `revenues:Revenue:${revenue?.id} update`,
    ])
    await world.prisma.request.create({ data: { ...request('b'), operatorId: operator } })
    await world.take()
    await world.prisma.operator.delete({ where: { id: operator } })
    expect(await world.takeLines()).toEqual([
      `operators:Operator:${operator} delete`,
      'requests:Request:b update',
    ])
  })

  test('an update that changes nothing leaves no job', async () => {
    await world.prisma.airport.create({ data: airport('AAA') })
    await world.take()
    await world.prisma.airport.update({ where: { iata: 'AAA' }, data: { name: 'AAA', latitude: 1.5 } })
    await world.prisma.airport.updateMany({ where: { iata: 'nowhere' }, data: { name: 'x' } })
    await world.prisma.airport.deleteMany({ where: { iata: 'nowhere' } })
    expect(await world.takeLines()).toEqual([])
  })

  test('a changed key removes the old record and adds the new one', async () => {
    await world.prisma.airport.create({ data: airport('AAA') })
    await world.take()
    await world.prisma.airport.update({ where: { iata: 'AAA' }, data: { iata: 'ZZZ' } })
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA delete', 'airports:Airport:ZZZ create'])
  })

  test('a changed key cascades to the keys that hold it', async () => {
    await world.prisma.request.create({
      data: { ...request('a'), items: { create: { position: 1, kind: 'FLIGHT', title: 'Out' } } },
    })
    await world.take()
    await world.prisma.request.update({ where: { id: 'a' }, data: { id: 'b' } })
    expect(await world.takeLines()).toEqual([
      'items:RequestItem:a|1 delete',
      'items:RequestItem:b|1 create',
      'requests:Request:a delete',
      'requests:Request:b create',
    ])
  })
})

describe('transactions', () => {
  test('a rollback leaves no job, of whatever form the transaction is', async () => {
    const { prisma } = world
    await expect(
      prisma.$transaction(async (tx) => {
        await tx.airport.create({ data: airport('AAA') })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await expect(
      prisma.$transaction([
        prisma.airport.create({ data: airport('BBB') }),
        prisma.airport.create({ data: airport('BBB') }),
      ]),
    ).rejects.toThrow()
    expect(await world.takeLines()).toEqual([])
  })

  test('a rollback to a savepoint takes back its jobs alone', async () => {
    const client = await world.pool.connect()
    try {
      await client.query('begin')
      await client.query(`insert into tags (name) values ('x')`)
      await client.query(
        `insert into requests (id, reference, customer_name, updated_at) values ('a', 'a', 'a', now())`,
      )
      await client.query('savepoint s')
      await client.query(
        `insert into requests (id, reference, customer_name, updated_at) values ('b', 'b', 'b', now())`,
      )
      await client.query(`update requests set comment = 'c' where id = 'a'`)
      await client.query('rollback to savepoint s')
      await client.query('commit')
    } finally {
      client.release()
    }
    expect(await world.takeLines()).toEqual(['requests:Request:a create'])
  })

  test('several changes of a record are one job', async () => {
    await world.prisma.$transaction(async (tx) => {
      await tx.airport.create({ data: airport('AAA') })
      await tx.airport.update({ where: { iata: 'AAA' }, data: { name: 'one' } })
      await tx.airport.update({ where: { iata: 'AAA' }, data: { name: 'two' } })
    })
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create'])
  })
})

describe('around Prisma', () => {
  test('raw SQL through Prisma', async () => {
    await world.prisma.$executeRaw`
      insert into airports (iata_code, name, country, latitude, longitude)
      select x, x, 'DE', 1, 1 from unnest(array['AAA', 'BBB']) x`
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create', 'airports:Airport:BBB create'])
    await world.prisma.$queryRawUnsafe(
      `update airports set name = 'x' where iata_code = $1 returning *`,
      'AAA',
    )
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA update'])
  })

  test('statements that do several things at once', async () => {
    await world.pool.query(`insert into tags (name) values ('x')`)
    await world.prisma.airport.createMany({ data: [airport('AAA'), airport('BBB')] })
    await world.take()
    await world.pool.query(`
      with gone as (delete from airports where iata_code = 'AAA' returning *),
      changed as (update airports set name = 'b' where iata_code = 'BBB')
      insert into airports select 'CCC', name, city, state, country, latitude, longitude from gone`)
    expect(await world.takeLines()).toEqual([
      'airports:Airport:AAA delete',
      'airports:Airport:BBB update',
      'airports:Airport:CCC create',
    ])
    await world.pool.query(`
      insert into airports (iata_code, name, country, latitude, longitude)
      values ('CCC', 'c2', 'DE', 1, 1), ('DDD', 'd', 'DE', 1, 1)
      on conflict (iata_code) do update set name = excluded.name`)
    expect(await world.takeLines()).toEqual(['airports:Airport:CCC update', 'airports:Airport:DDD create'])
    await world.pool.query(`
      merge into airports a using (values ('BBB'), ('DDD'), ('EEE')) v (code) on a.iata_code = v.code
      when matched and v.code = 'BBB' then delete
      when matched then update set name = 'merged'
      when not matched then insert (iata_code, name, country, latitude, longitude) values (code, code, 'DE', 1, 1)`)
    expect(await world.takeLines()).toEqual([
      'airports:Airport:BBB delete',
      'airports:Airport:DDD update',
      'airports:Airport:EEE create',
    ])
  })

  test('two keys that change places', async () => {
    await world.prisma.request.create({
      data: {
        ...request('a'),
        items: {
          create: [1, 2, 3].map((position) => ({ position, kind: 'FLIGHT' as const, title: `t${position}` })),
        },
      },
    })
    await world.take()
    await world.pool.query(`update request_items set position = position + 10 where position < 3`)
    expect(await world.takeLines()).toEqual([
      'items:RequestItem:a|1 delete',
      'items:RequestItem:a|11 create',
      'items:RequestItem:a|12 create',
      'items:RequestItem:a|2 delete',
    ])
  })

  test('functions and DO blocks', async () => {
    await world.pool.query(`do $$ begin
      for i in 1..3 loop
        insert into airports (iata_code, name, country, latitude, longitude) values ('N' || i, 'n', 'DE', 1, 1);
      end loop;
    end $$`)
    expect(await world.takeLines()).toEqual([1, 2, 3].map((i) => `airports:Airport:N${i} create`))
  })

  test('COPY', async () => {
    const client = await world.pool.connect()
    try {
      // COPY from a program's output needs no protocol support of the driver.
      await client.query(`copy airports (iata_code, name, country, latitude, longitude) from program
        'printf "AAA,a,DE,1,1\\nBBB,b,DE,1,1\\n"' with (format csv)`)
    } finally {
      client.release()
    }
    expect(await world.takeLines()).toEqual(['airports:Airport:AAA create', 'airports:Airport:BBB create'])
  })

  test('TRUNCATE asks for a comparison of what it emptied', async () => {
    await world.prisma.airport.create({ data: airport('AAA') })
    await world.take()
    await world.takeReconciles()
    await world.pool.query('truncate airports cascade')
    expect(await world.takeReconciles()).toEqual(['airports', 'items'])
    await world.pool.query('begin; truncate airports cascade; rollback')
    expect(await world.takeReconciles()).toEqual([])
    await world.pool.query('truncate airports cascade')
    await world.pool.query('truncate airports cascade')
    expect(await world.takeReconciles()).toEqual(['airports', 'items'])
  })
})

test('5,000 rows in one statement, one call of the publishing function', async () => {
  const rows = Array.from({ length: 5_000 }, (_, at) => ({ ...request(`r${at}`), reference: `x${at}` }))
  await world.prisma.request.createMany({ data: rows })
  expect(await world.take()).toHaveLength(5_000)
  const client = await world.pool.connect()
  try {
    await client.query(`set track_functions = 'pl'; begin`)
    await client.query(`update requests set comment = 'c'`)
    const { rows: calls } = await client.query(
      `select calls::int from pg_stat_xact_user_functions where funcname = 'sync_publish'`,
    )
    expect(calls).toEqual([{ calls: 1 }])
    await client.query('commit')
  } finally {
    client.release(true)
  }
  const jobs = await world.take()
  expect(jobs).toHaveLength(5_000)
  expect(new Set(jobs.map((job) => job.operation))).toEqual(new Set(['update']))
})

test('the job carries what the queue and the worker go by', async () => {
  await world.prisma.airport.create({ data: airport('AAA') })
  const { rows } = await world.pool.query(`
    select j.group_id, j.group_tier, j.policy, j.retry_limit = q.retry_limit as retries, j.dead_letter = q.dead_letter as dead,
      j.heartbeat_seconds = q.heartbeat_seconds as heartbeat, j.data, j.priority
    from pgboss.job j join pgboss.queue q using (name) where j.name = 'sync.write-back'`)
  expect(rows).toEqual([
    {
      group_id: 's1',
      group_tier: 'airports',
      policy: 'short',
      retries: true,
      dead: true,
      heartbeat: true,
      priority: 0,
      data: {
        v: 1,
        target: 'airports',
        model: 'Airport',
        id: 'AAA',
        operation: 'create',
        at: expect.any(String),
      },
    },
  ])
})
