import { describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { PrismaReader } from '../../../src/source/prisma-reader.ts'
import { forClient } from '../../../src/targets/for-client.ts'

const { sheetTarget } = forClient<PrismaClient>(dataModel)
const target = { name: 't', spreadsheetId: 's', tab: 'T', model: 'Operator', columns: ['name'] } as const
const untyped = sheetTarget as unknown as (input: object) => unknown

describe('what happens to edits is part of a target', () => {
  it('the database wins, and removed rows come back, unless something else is said', () => {
    expect(sheetTarget(target)).toMatchObject({ conflict: 'database-wins', onRowDeleted: 'restore' })
  })

  it('it can be said for the target and for each column', () => {
    const decide = (_base: unknown, database: unknown) => database
    const made = sheetTarget({
      ...target,
      conflict: { merge: { numbers: 'maximum' } },
      onRowDeleted: 'keep-away',
      columns: [
        'name',
        { header: 'Code', field: 'code', conflict: 'manual' },
        { header: 'Rating', field: 'rating', conflict: decide },
        {
          header: 'Active',
          field: 'active',
          conflict: { lastWriter: { field: 'updatedAt', header: 'Edited' } },
        },
      ],
    })
    expect(made).toMatchObject({ conflict: { merge: { numbers: 'maximum' } }, onRowDeleted: 'keep-away' })
    expect(made.columns.map(({ conflict }) => conflict)).toEqual([
      undefined,
      'manual',
      decide,
      { lastWriter: { field: 'updatedAt', header: 'Edited' } },
    ])
  })

  it.each([
    [{ conflict: 'newest' }, /conflict/],
    [{ conflict: { merge: { numbers: 'sum' } } }, /conflict/],
    [{ conflict: { merge: { numbers: 'sheet', texts: 'sheet' } } }, /conflict/],
    [{ onRowDeleted: 'ignore' }, /onRowDeleted/],
    [{ conflict: { lastWriter: { field: 'name', header: 'Edited' } } }, /a DateTime field of Operator/],
    [
      {
        columns: [{ header: 'x', field: 'name', conflict: { firstWriter: { field: 'nope', header: 'E' } } }],
      },
      /nope/,
    ],
  ])('%o is refused', (wrong, words) => {
    expect(() => untyped({ ...target, ...wrong })).toThrow(words)
  })

  it('a column "Sync" is the application\'s own where refusals stand in notes', () => {
    const columns = [
      { header: 'Name', field: 'name', writable: true },
      { header: 'sync', field: 'code' },
    ] as const
    expect(() => sheetTarget({ ...target, columns })).toThrow(/no header "Sync"/)
    const made = sheetTarget({ ...target, columns, edits: { refusals: 'note' } })
    expect(made.edits).toMatchObject({ refusals: 'note' })
    expect(() => untyped({ ...target, columns, edits: { refusals: 'both' } })).toThrow(/refusals/)
  })

  it('the field whose time is compared is read with the record', async () => {
    const asked: object[] = []
    const operator = {
      findMany: async (query: object) => {
        asked.push(query)
        return []
      },
    }
    const made = sheetTarget({
      ...target,
      conflict: { lastWriter: { field: 'updatedAt', header: 'Edited' } },
    })
    await new PrismaReader({ operator }, dataModel).read(made, ['1'])
    expect(asked).toMatchObject([{ select: { id: true, name: true, updatedAt: true } }])
  })
})
