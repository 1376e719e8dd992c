import { type Command, Option } from 'commander'
import { WritebackError } from '../src/errors.ts'
import type { TroubledFilter } from '../src/operations/dead-letters.ts'
import { confirm } from './confirm.ts'
import { count } from './format.ts'
import { filterOf, type JobOptions, parseId, renderJobs, withJobOptions } from './job-options.ts'
import { paint, print, printJson } from './output.ts'
import { type Session, withActor, withSession } from './session.ts'

interface Options extends JobOptions {
  readonly state?: TroubledFilter['states']
  readonly preview?: true
  readonly yes?: true
  readonly json?: true
}

/** What `retry` and `discard` have in common: they choose jobs, show them, ask, and do it. */
export function troubledCommand(
  command: Command,
  verb: string,
  act: (session: Session, filter: TroubledFilter, self: Command) => Promise<object>,
  render: (done: never) => string,
): Command {
  withJobOptions(command.argument('[ids...]', 'jobs, or dead letters', parseId))
    .addOption(
      new Option('-s, --state <state...>', 'dead letters, or jobs that wait for another attempt')
        .choices(['dead', 'retrying'])
        .default(undefined, '"dead"; with ids both'),
    )
    .option('-p, --preview', 'show what it would touch, and stop')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
  return withActor(command).action(async (ids: readonly string[], options: Options, self: Command) => {
    const states = options.state ?? (ids.length > 0 ? (['dead', 'retrying'] as const) : (['dead'] as const))
    const filter: TroubledFilter = { ...filterOf(ids, options), states }
    await withSession(self, async (session) => {
      const preview = await session.operations.preview(filter)
      // A script that names a job means that one; a filter may well find nothing.
      if (preview.total === 0 && ids.length > 0) {
        throw new WritebackError('OPERATION_INVALID', {
          problem: `no dead letter or retrying job ${ids.join(', ')}`,
          remedy: 'It was settled or cleaned up meanwhile; "writeback jobs" lists what is not settled',
        })
      }
      if (!options.json) {
        if (preview.total === 0) print('no such job')
        else print(renderJobs(preview.sample))
        const more = preview.total - preview.sample.length
        if (more > 0) print(paint.dim(`and ${count(more, 'other')}`))
        if (preview.unroutable > 0)
          print(`${preview.unroutable} of them came from a queue that is gone, and stay`)
      }
      if (options.preview) {
        if (options.json) printJson(preview)
        return
      }
      if (preview.total === 0) {
        if (options.json) printJson({ total: 0 })
        return
      }
      if (!(await confirm(`${verb} ${count(preview.total, 'job')}?`, options.yes))) {
        print('nothing was done')
        return
      }
      const done = await act(session, filter, self)
      if (options.json) printJson(done)
      else print(render(done as never))
    })
  })
}
