import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// All tests share one Postgres: a test that ends sessions of every database ends those of tests that run beside it.
test('what ends sessions says of which database', () => {
  const bad = globSync('test/**/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/pg_terminate_backend\(pid\)[^`]*/g)].flatMap(([statement]) =>
      /\b(datname|pid) = /.test(statement) ? [] : [`${file}: ${statement}`],
    ),
  )
  expect(bad).toEqual([])
})
