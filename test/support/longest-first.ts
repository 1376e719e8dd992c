import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that wait longest, for processes that die and are believed dead, and for retries. On a fresh clone nothing else
 * tells: one of them that begins last is waited for alone.
 */
const LONGEST = [
  'package/consumer',
  'targets/sheet/races-in-a-row',
  'targets/api/crash',
  'jobs/hidden-records',
  'differential/differential',
  'capture/equivalence',
  'targets/sheet/people-and-faults',
  'package/examples',
  'targets/api/troubled',
  'jobs/edits-at-random',
  'processes/worker',
  'package/databases',
  'targets/cache/away',
  'package/init',
  'targets/search/engines',
  'targets/custom/custom',
  'jobs/edits-interrupted',
  'cli/processes',
  'jobs/new-rows',
  'bench/peers',
]

/** Begins with the files that take longest; the others are in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at === -1 ? LONGEST.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}
