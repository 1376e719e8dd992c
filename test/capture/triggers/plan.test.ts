import { afterAll, beforeAll, expect, test } from 'vitest'
import { planTriggers } from '../../../src/capture/shown/plan.ts'
import type { DataModel, Field, ScalarType } from '../../../src/model/data-model.ts'
import {
  createTriggerWorld,
  installTriggers,
  plainTargets,
  sheetTarget,
  type TriggerWorld,
} from './support.ts'

const scalar = (name: string, column: string, type: ScalarType = 'String'): Field => ({
  ...{ kind: 'scalar', name, column, type, isList: false, isRequired: true, nativeType: null },
})

/** Two models whose every name has to be quoted, and quoted right. */
const strange: DataModel = {
  enums: {},
  joinTables: [],
  models: {
    Parent: {
      ...{ name: 'Parent', table: `we"ird $sync$ 'x'`, schema: `od"d`, primaryKey: ['id'], uniques: [] },
      fields: {
        id: scalar('id', `k"ey`),
        name: scalar('name', 'select'),
        children: {
          ...{
            kind: 'relation',
            name: 'children',
            type: 'Child',
            relation: 'r',
            isList: true,
            isRequired: true,
          },
          ...{ from: [], to: [], onDelete: null, onUpdate: null },
        },
      },
    },
    Child: {
      ...{ name: 'Child', table: 'CHILD;--', schema: null, primaryKey: ['id'], uniques: [] },
      fields: {
        id: scalar('id', 'Id', 'Int'),
        parentId: scalar('parentId', `p"'`),
        parent: {
          ...{
            kind: 'relation',
            name: 'parent',
            type: 'Parent',
            relation: 'r',
            isList: false,
            isRequired: true,
          },
          ...{ from: ['parentId'], to: ['id'], onDelete: 'Cascade', onUpdate: 'Cascade' },
        },
      },
    },
  },
}
const [airports] = plainTargets
if (!airports) throw new Error('no target to copy')
const targets = [
  { ...airports, name: 'children', model: 'Child', include: { parent: { select: { name: true } } } },
  { ...airports, name: 'parents', model: 'Parent', include: { children: true } },
]

let world: TriggerWorld
beforeAll(async () => {
  world = await createTriggerWorld(plainTargets, false)
})
afterAll(() => world.close())

test('names that hold quotes, dollars, blanks and SQL', async () => {
  await world.pool.query(`
    create schema "od""d";
    create table "od""d"."we""ird $sync$ 'x'" ("k""ey" text primary key, "select" text);
    create table "CHILD;--" ("Id" int primary key, "p""'" text references "od""d"."we""ird $sync$ 'x'" on delete cascade);`)
  await installTriggers(world.pool, { dataModel: strange, targets, schemas: world.config.schemas })
  await world.pool.query(`insert into "od""d"."we""ird $sync$ 'x'" values ('p', 'n')`)
  await world.pool.query(`insert into "CHILD;--" values (1, 'p')`)
  expect(await world.takeLines()).toEqual([
    'children:Child:1 create',
    // The parent was queued a statement before.
    'parents:Parent:p create',
  ])
  await world.pool.query(`update "od""d"."we""ird $sync$ 'x'" set "select" = 'm'`)
  expect(await world.takeLines()).toEqual(['children:Child:1 update', 'parents:Parent:p update'])
  await world.pool.query(`delete from "od""d"."we""ird $sync$ 'x'"`)
  expect(await world.takeLines()).toEqual(['children:Child:1 delete', 'parents:Parent:p delete'])
})

test('where the database enforces references, a row that is referred to is neither new nor gone', () => {
  const parents = (dataModel: DataModel) =>
    planTriggers(dataModel, targets)
      .flatMap((plan) => plan.causes)
      .find((cause) => cause.kind === 'related' && cause.path === 'parent')
  expect(parents(strange)).toMatchObject({ operations: ['UPDATE'] })
  // With relationMode = "prisma" a row may refer to one that comes later.
  expect(parents({ ...strange, foreignKeys: false })).toMatchObject({
    operations: ['INSERT', 'UPDATE', 'DELETE'],
  })
})

test('a target of an unknown model, or of one without a usable id, is refused', () => {
  const of = (model: string) => () => planTriggers(strange, [{ ...airports, model }])
  expect(of('Nobody')).toThrow(/unknown model/)
  const keyless: DataModel = {
    ...strange,
    models: { Odd: { ...strange.models.Child, name: 'Odd', primaryKey: [] } as never },
  }
  expect(() => planTriggers(keyless, [{ ...airports, model: 'Odd' }])).toThrow(/cannot be mirrored/)
})

test('an include of every shape reads what Prisma reads', () => {
  const { dataModel } = world.config
  const tables = (include: object) =>
    planTriggers(dataModel, [
      sheetTarget({
        ...{ name: 't', spreadsheetId: 's', tab: 't', model: 'Request' as const },
        columns: ['reference'],
        include: include as never,
      }),
    ]).map((plan) => plan.table)
  expect(tables({})).toEqual(['requests'])
  expect(tables({ operator: false, tags: undefined })).toEqual(['requests'])
  expect(tables({ operator: true })).toEqual(['operators', 'requests'])
  expect(tables({ tags: true })).toEqual(['_RequestToTag', 'requests', 'tags'])
  // A count over a join table shows no tag.
  expect(tables({ _count: { select: { tags: true } } })).toEqual(['_RequestToTag', 'requests'])
  expect(tables({ _count: true })).toEqual([
    ...['Revenue', '_RequestToTag', 'notes', 'request_items', 'requests'],
  ])
  expect(tables({ items: { select: { departure: { select: { name: true } } } } })).toEqual([
    ...['airports', 'request_items', 'requests'],
  ])
  expect(tables({ items: { where: { NOT: [{ arrival: { city: 'x' } }] } } })).toEqual([
    ...['airports', 'request_items', 'requests'],
  ])
})
