import { Command } from 'commander'
import type { JobState } from '../src/operations/job-filter.ts'
import { parseCount } from './format.ts'
import { filterOf, type JobOptions, renderJobs, stateOption, withJobOptions } from './job-options.ts'
import { paint, print, printJson } from './output.ts'
import { withSession } from './session.ts'

interface Options extends JobOptions {
  readonly state?: readonly JobState[]
  readonly limit: number
  readonly json?: true
}

/** States that are shown unless others are asked for: everything that has not ended well. */
const UNSETTLED: readonly JobState[] = ['waiting', 'delayed', 'active', 'retrying', 'dead']

/** `writeback jobs`: lists write-back jobs and dead letters. */
export function jobsCommand(): Command {
  return withJobOptions(new Command('jobs'))
    .description(
      'list jobs and dead letters, the newest first; those that are not settled unless --state says more',
    )
    .addOption(stateOption())
    .option('-n, --limit <count>', 'so many at most', parseCount, 20)
    .option('--json', 'print JSON')
    .action(async (options: Options, self: Command) => {
      const filter = { ...filterOf([], options), states: options.state ?? UNSETTLED }
      const jobs = await withSession(self, ({ operations }) =>
        operations.listJobs(filter, { limit: options.limit }),
      )
      if (options.json) printJson(jobs)
      else if (jobs.length === 0) print('no such job')
      else {
        print(renderJobs(jobs))
        if (jobs.length === options.limit) print(paint.dim(`the newest ${jobs.length}; more with --limit`))
      }
    })
}
