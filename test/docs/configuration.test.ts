import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { optionsSchema } from '../../src/config/define-config.ts'
import { VARIABLES } from '../../src/config/environment.ts'
import { apiTargetSchema } from '../../src/targets/api/config.ts'
import { cacheTargetSchema } from '../../src/targets/cache/config.ts'
import { searchSchema } from '../../src/targets/search/config.ts'
import { SHEET_VARIABLES } from '../../src/targets/sheet/config/environment.ts'
import { sheetTargetSchema } from '../../src/targets/sheet/config/target.ts'
import { optionsOf, type Row, tableBelow } from './reference.ts'

const ALL = { ...VARIABLES, ...SHEET_VARIABLES }
const names = (rows: readonly Row[]) => rows.flatMap((row) => row.names)

describe.each([
  ['`defineConfig`', optionsSchema],
  ['`sheetTarget`', sheetTargetSchema],
  ['`cacheTarget`', cacheTargetSchema],
  ['`apiTarget`', apiTargetSchema],
  ['`searchTarget`', searchSchema],
])('the table of %s', (heading, schema) => {
  const options = optionsOf(schema)
  const rows = tableBelow(heading)

  test('has every option and nothing else', () => {
    expect(names(rows).sort()).toEqual(options.map(({ path }) => path).sort())
  })

  test.each(options)(
    'says of $path what the schema says',
    ({ path, required, default: fallback, choices }) => {
      const row = rows.find((one) => one.names.includes(path))
      expect(row?.default === 'required', 'required').toBe(required)
      if (fallback !== undefined) expect(row?.default).toBe(`\`${fallback.replace(/^"|"$/g, '')}\``)
      for (const choice of choices) {
        if (path !== 'columns.conflict') expect(row?.meaning).toMatch(new RegExp(`\\b${choice}\\b`))
      }
    },
  )
})

describe('the table of the environment', () => {
  const rows = tableBelow('Environment')

  test('has every variable that is read, and nothing else', () => {
    const read = globSync('{src,jobs,cli}/**/*.ts').flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\benv\.([A-Z][A-Z0-9_]+)\b(?!\s*=[^=])/g)].map(
        (match) => match[1],
      ),
    )
    expect(names(rows).sort()).toEqual([...new Set([...Object.keys(ALL), ...read])].sort())
  })

  test.each(Object.entries(ALL))('says of %s what the schema says', (name, { schema }) => {
    const [option] = optionsOf(schema)
    const row = rows.find((one) => one.names.includes(name))
    if (option?.default !== undefined) {
      expect(row?.default).toBe(`\`${option.default.replace(/^"|"$/g, '')}\``)
    }
    for (const choice of option?.choices ?? []) expect(row?.meaning).toContain(`\`${choice}\``)
  })
})
