import { Command, InvalidArgumentError, Option } from 'commander'
import { FAULTS } from './faults/index.ts'
import { GROUPS, type Group } from './plan/make-plan.ts'
import type { Capture } from './stage/stage.ts'
import { PROTECTIONS, type Protection } from './without/index.ts'

/** What the torture is told on the command line. */
export interface TortureOptions {
  readonly seed: number
  readonly seeds: number
  readonly ops: number
  readonly workers: number
  readonly minutes: number
  readonly capture?: Capture
  readonly only?: readonly Group[]
  readonly fault?: readonly string[]
  readonly without?: Protection
  readonly parallel: number
  readonly template?: string
  readonly steps?: string
  readonly shrink: number
  readonly ci?: true
  readonly json?: true
}

/** The seeds of every check of the project, and what they are run with: short, one for each way of capture. */
export const CI = { seeds: [1, 2], ops: 400, workers: 2, minutes: 0.4 } as const

export function parseOptions(argv: readonly string[]): TortureOptions {
  const program = new Command('torture')
    .description(
      'Runs the whole system as real processes, does everything to it that can go wrong, and judges.',
    )
    .option('--seed <n>', 'what happens, and when', whole, 1)
    .option('--seeds <n>', 'runs, with this seed and those after it', whole, 1)
    .option('--parallel <n>', 'runs side by side', whole, 1)
    .option('--ops <n>', 'writes of the application', whole, 600)
    .option('--workers <n>', 'worker processes', whole, 2)
    .option('--minutes <n>', 'time over which it all happens; rest and judgement come on top', positive, 1)
    .addOption(
      new Option('--capture <mode>', 'how changes are captured (default: by the seed)').choices([
        'trigger',
        'extension',
      ]),
    )
    .addOption(new Option('--only <groups...>', 'faults of these groups only').choices([...GROUPS]))
    .addOption(new Option('--fault <kinds...>', 'these faults only').choices(FAULTS.map(({ kind }) => kind)))
    .addOption(
      new Option('--without <protection>', 'switch one off: it must be found').choices([...PROTECTIONS]),
    )
    .option('--steps <file>', 'a list of steps that a failed run printed, instead of a seed’s')
    .option('--shrink <n>', 'runs that may be spent on making a failing list of steps shorter', whole, 0)
    .addOption(new Option('--template <folder>', 'what runs side by side share').hideHelp())
    .option('--ci', `the fixed seeds of every check: ${CI.seeds.join(', ')}`)
    .option('--json', 'one object a line')
  return program.parse([...argv], { from: 'user' }).opts()
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('expected a number above 0')
  return value
}
