import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Codes are a type, which is gone at run time: they are read from its text. */
const declared = [
  ...readFileSync('src/errors.ts', 'utf8')
    .slice(0, readFileSync('src/errors.ts', 'utf8').indexOf('export interface'))
    .matchAll(/^ {2}\| '([A-Z_]+)'$/gm),
].map((match) => match[1])

test('every code is explained, and nothing else', () => {
  const rows = readFileSync('docs/errors.md', 'utf8').matchAll(/^\| (`[^|]+) \| [^|]+ \| [^|]+ \|$/gm)
  const explained = [...rows].flatMap((row) =>
    [...(row[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map((code) => code[1]),
  )
  expect(declared.length).toBeGreaterThan(20)
  expect(explained.sort()).toEqual(declared.sort())
})
