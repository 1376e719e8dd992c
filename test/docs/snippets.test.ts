import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documents, snippetsOf, typeErrors } from './snippets.ts'

test('the TypeScript in README and docs compiles', async () => {
  const snippets = documents().flatMap((path) => snippetsOf(path, readFileSync(path, 'utf8')))
  expect(snippets.length).toBeGreaterThan(5)
  expect(await typeErrors(snippets)).toEqual([])
})

test('one that does not is named with its line', async () => {
  const text = '# A\n\n```ts\nawait prisma.request.count()\nawait prisma.nonsense.count()\n```\n'
  const [error, ...others] = await typeErrors(snippetsOf('a.md', text))
  expect(error).toMatch(/^a\.md:5 TS\d+: Property 'nonsense' does not exist/)
  expect(others).toEqual([])
})

test('every document is listed in the README, and links between them lead somewhere', () => {
  const readme = readFileSync('README.md', 'utf8')
  const missing = documents().filter((path) => path.startsWith('docs/') && !readme.includes(`(${path})`))
  expect(missing).toEqual([])
  const broken = documents().flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, link]) => new URL(link as string, `file://${process.cwd()}/${path}`))
      .filter((url) => !exists(url))
      .map((url) => `${path}: ${url.pathname}`),
  )
  expect(broken).toEqual([])
})

function exists(url: URL): boolean {
  try {
    readFileSync(url)
    return true
  } catch {
    return false
  }
}
