import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { WritebackError } from '../src/errors.ts'
import type { BackfillProgress, BackfillTicket } from '../src/operations/backfill.ts'
import type { Operations } from '../src/operations/operations.ts'
import { duration, parseDuration } from './format.ts'
import { print, printJson, showProgress } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

/** How often the progress is looked at. */
const LOOK_EVERY_MS = 500

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
      const progress = await follow(operations, ticket, options.timeout)
      if (options.json) printJson(progress)
      else print(summary(progress))
    })
  })
}

async function follow(
  operations: Operations,
  ticket: BackfillTicket,
  timeoutMs: number,
): Promise<BackfillProgress> {
  const started = Date.now()
  let isWarned = false
  for (;;) {
    const progress = await operations.backfillProgress(ticket)
    const { phase, error } = progress
    if (phase === 'waiting' && !isWarned && !(await operations.stats()).workers.some(({ alive }) => alive)) {
      isWarned = true
      process.stderr.write('no worker is alive: the backfill waits for one. Start it: writeback worker\n')
    }
    showProgress(phase === 'done' ? '' : inWords(progress, Date.now() - started))
    if (phase === 'done') return progress
    if (phase === 'failed' || phase === 'gone')
      throw new WritebackError('UNEXPECTED', { problem: `the comparison ${phase}`, got: error ?? 'no job' })
    if (Date.now() - started > timeoutMs) {
      showProgress('')
      throw new WritebackError('UNEXPECTED', {
        problem: `the backfill of ${ticket.target} has not ended yet`,
        got: inWords(progress, timeoutMs),
        remedy: 'It goes on by itself while a worker runs; see writeback status',
      })
    }
    await sleep(LOOK_EVERY_MS)
  }
}

function inWords({ phase, records, settled, ratePerSecond, secondsLeft }: BackfillProgress, ms: number) {
  if (phase === 'waiting') return `waiting for a worker, ${duration(ms)}`
  if (phase === 'comparing') return `comparing, ${duration(ms)}`
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft * 1_000)} left`
  return `${settled} of ${records ?? 0} records, ${ratePerSecond}/s${left}`
}

function summary({ target, records, troubled, found }: BackfillProgress): string {
  const what = records === 0 ? 'nothing was missing' : `${records} records were missing or differed`
  const compared = `${target}: ${found?.records ?? 0} records compared, ${what}`
  if (troubled === 0) return `${compared}; all are settled`
  return `${compared}; ${troubled} could not be written: writeback jobs --target ${target}`
}
