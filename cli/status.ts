import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { isUnreachable, unreachable } from '../src/database/unreachable.ts'
import type { WritebackError } from '../src/errors.ts'
import type { Health } from '../src/operations/health.ts'
import type { Stats } from '../src/operations/stats.ts'
import { EXIT } from './exit.ts'
import { parseInterval } from './format.ts'
import { paint, printJson, wrap } from './output.ts'
import { withSession } from './session.ts'
import { renderStatus } from './status-view.ts'

interface Options {
  readonly watch?: true | number
  readonly json?: true
}

const DEFAULT_WATCH_MS = 2_000
/** Clears the screen and what has scrolled off it, and goes to its corner. */
const CLEAR = '\u001B[2J\u001B[3J\u001B[H'

/** `writeback status`: one look tells whether all is well; the exit code does too. */
export function statusCommand(): Command {
  return new Command('status')
    .description('whether all is well: targets, queues, workers, quota; exits with 3 or 4 if not')
    .option('-w, --watch [time]', 'refresh every 2s, or as often as this, until Ctrl-C', parseInterval)
    .option('--json', 'print JSON, one line a time with --watch')
    .addHelpText(
      'after',
      '\nExit status: 0 all is well, 3 something waits for a person, 4 changes do not reach a place, 1 it cannot be told.',
    )
    .action(async (options: Options, self: Command) => {
      const verdict = await withSession(self, async ({ operations }) => {
        for (;;) {
          try {
            const stats = await operations.stats()
            const health = operations.health(stats)
            show(stats, health, options)
            if (options.watch === undefined) return health.verdict
          } catch (error) {
            // Somebody who watches while Postgres is away wants to see it come back.
            if (options.watch === undefined || !isUnreachable(error)) throw error
            showTrouble(unreachable(error), options)
          }
          await sleep(options.watch === true ? DEFAULT_WATCH_MS : options.watch)
        }
      })
      process.exitCode = { well: EXIT.ok, attention: EXIT.attention, broken: EXIT.broken }[verdict]
    })
}

function show(stats: Stats, health: Health, { json, watch }: Options): void {
  if (json && watch) printLine({ ...health, ...stats })
  else if (json) printJson({ ...health, ...stats })
  else printPage(renderStatus(stats, health), watch)
}

function showTrouble({ code, message }: WritebackError, { json, watch }: Options): void {
  if (json) printLine({ verdict: 'unknown', error: { code, message } })
  else printPage(`${paint.red('IT CANNOT BE TOLD')}\n${wrap(`x ${code} ${message}`, 2)}`, watch)
}

function printLine(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function printPage(text: string, watch: Options['watch']): void {
  const clear = watch && process.stdout.isTTY ? CLEAR : ''
  process.stdout.write(`${clear}${text}\n`)
}
