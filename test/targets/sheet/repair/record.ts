import { afterAll, vi } from 'vitest'
import { add, caseOf, lineOf } from './corpus.ts'

/* Set-up of a run that records the corpus (see corpus.ts): whatever is searched for damage is written down. */

const lines: string[] = vi.hoisted(() => [])

vi.mock(import('../../../../src/targets/sheet/repair/find-damage.ts'), async (original) => {
  const module = await original()
  return {
    ...module,
    findDamage: (records, view, read) => {
      const found = module.findDamage(records, view, read)
      const one = caseOf(records as Parameters<typeof caseOf>[0], view, read, found)
      if (one) lines.push(lineOf(one))
      return found
    },
  }
})

afterAll(() => {
  if (lines.length > 0) process.stdout.write(`${add(lines)} searches for damage are in the corpus\n`)
})
