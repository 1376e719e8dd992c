import { expectTypeOf } from 'vitest'
import type { Country, Operator, Prisma, PrismaClient, Tag } from '../../prisma/generated/client/client.ts'
import type { DataModel } from '../../src/model/data-model.ts'
import { forClient } from '../../src/targets/for-client.ts'

/*
 * Types only: `tsc --noEmit` reads this file, nothing runs it. A target that does not fit the client must not
 * compile.
 */

declare const dataModel: DataModel
const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

const rest = { name: 'n', spreadsheetId: 's', tab: 't' } as const

export const fitting = [
  sheetTarget({ ...rest, model: 'Operator', columns: ['code', { header: 'Name', field: 'name' }] }),

  sheetTarget({
    ...rest,
    model: 'Operator',
    include: { country: true, requests: { include: { tags: true } } },
    columns: [
      {
        header: 'Country',
        value: (operator) => {
          expectTypeOf(operator.country).toEqualTypeOf<Country>()
          expectTypeOf(operator.commissionRate).toEqualTypeOf<Prisma.Decimal>()
          expectTypeOf(operator.legacyId).toEqualTypeOf<bigint | null>()
          return operator.country.name
        },
      },
      {
        header: 'Tags',
        value: (operator) => {
          expectTypeOf(operator.requests[0]!.tags).toEqualTypeOf<Tag[]>()
          return operator.requests.length
        },
      },
    ],
    filter: (operator) => {
      expectTypeOf(operator.country).toEqualTypeOf<Country>()
      return operator.active
    },
  }),

  sheetTarget({
    ...rest,
    model: 'Operator',
    columns: [
      {
        header: 'Plain',
        value: (operator) => {
          expectTypeOf(operator.name).toEqualTypeOf<Operator['name']>()
          // @ts-expect-error: a relation that is not included is not there
          return operator.country
        },
      },
    ],
  }),

  sheetTarget({
    ...rest,
    model: 'RequestItem',
    include: { request: { select: { reference: true } } },
    columns: [
      {
        header: 'Request',
        value: (item) => {
          expectTypeOf(item.request).toEqualTypeOf<{ reference: string }>()
          return item.request.reference
        },
      },
    ],
    onDelete: 'mark',
  }),
]

export const refused = [
  // @ts-expect-error: no such model
  sheetTarget({ ...rest, model: 'Operators', columns: ['name'] }),
  // @ts-expect-error: the model's name, not the client's property
  sheetTarget({ ...rest, model: 'operator', columns: ['name'] }),
  // @ts-expect-error: no such field
  sheetTarget({ ...rest, model: 'Operator', columns: ['nonsense'] }),
  // @ts-expect-error: a relation has no cell
  sheetTarget({ ...rest, model: 'Operator', columns: ['country'] }),
  // @ts-expect-error: no such field under another header
  sheetTarget({ ...rest, model: 'Operator', columns: [{ header: 'H', field: 'nonsense' }] }),
  // @ts-expect-error: no such relation
  sheetTarget({ ...rest, model: 'Operator', include: { nonsense: true }, columns: ['name'] }),
  // @ts-expect-error: a field is no relation
  sheetTarget({ ...rest, model: 'Operator', include: { name: true }, columns: ['name'] }),
  // @ts-expect-error: no such policy
  sheetTarget({ ...rest, model: 'Operator', columns: ['name'], onDelete: 'drop' }),
  // @ts-expect-error: columns are needed
  sheetTarget({ ...rest, model: 'Operator' }),
]

export const config = defineConfig({
  targets: fitting,
  capture: { mode: 'extension', models: { Operator: 'trigger' } },
})

defineConfig({
  targets: fitting,
  // @ts-expect-error: no such model
  capture: { models: { Operators: 'trigger' } },
})

defineConfig({
  targets: fitting,
  // @ts-expect-error: no such mode
  capture: { mode: 'both' },
})

// @ts-expect-error: no such option
defineConfig({ targets: fitting, target: [] })
