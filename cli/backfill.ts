import { Command, Option } from 'commander'
import type { BackfillProgress } from '../src/operations/backfill.ts'
import { follow } from './follow.ts'
import { duration, parseDuration } from './format.ts'
import { print, printJson } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

interface Options {
  readonly detach?: true
  readonly timeout: number
  readonly json?: true
}

/** `writeback backfill TARGET`: brings a place up to what the database has, and shows how far it has come. */
export function backfillCommand(): Command {
  const command = new Command('backfill')
    .description('bring a place up to what the database has, and show how far it has come')
    .argument('<target>', 'name of the target')
    .option('-d, --detach', 'ask for it, and do not wait')
    .addOption(
      new Option('--timeout <time>', 'how long to wait at most')
        .default(6 * 60 * 60_000, '6h')
        .argParser(parseDuration),
    )
    .option('--json', 'print JSON')
  return withActor(command).action(async (target: string, options: Options, self: Command) => {
    await withSession(self, async ({ operations }) => {
      const ticket = await operations.backfill(target, actorOf(self))
      if (options.detach) {
        if (options.json) printJson(ticket)
        else print(`asked for, job ${ticket.jobId}; see: writeback status`)
        return
      }
      const backfill = {
        subject: `the backfill of ${target}`,
        look: () => operations.backfillProgress(ticket),
        isDone: ({ state }: BackfillProgress) => state === 'done',
        inWords,
      }
      const progress = await follow(operations, backfill, options.timeout)
      if (options.json) printJson(progress)
      else print(summary(progress))
    })
  })
}

function inWords({ state, records, settled, ratePerSecond, secondsLeft }: BackfillProgress, ms: number) {
  if (state === 'waiting') return `waiting for a worker, ${duration(ms)}`
  if (state === 'comparing') return `comparing, ${duration(ms)}`
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft * 1_000)} left`
  return `${settled} of ${records ?? 0} records, ${ratePerSecond}/s${left}`
}

function summary({ target, records, troubled, found }: BackfillProgress): string {
  const what = records === 0 ? 'nothing was missing' : `${records} records were missing or differed`
  const compared = `${target}: ${found?.records ?? 0} records compared, ${what}`
  if (troubled === 0) return `${compared}; all are settled`
  return `${compared}; ${troubled} could not be written: writeback jobs --target ${target}`
}
