import { Command, InvalidArgumentError, Option } from 'commander'
import { FAULTS } from './faults/index.ts'
import { ACTIONS } from './people/index.ts'
import { GROUPS, type Group } from './plan/make-plan.ts'
import type { Capture } from './stage/stage.ts'
import { PROTECTIONS, type Protection } from './without/index.ts'
import { PROVOCATIONS } from './without/provocations.ts'
import { WRITES } from './writes/index.ts'

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
  readonly writes?: readonly string[]
  readonly people?: readonly string[]
  readonly without?: Protection
  readonly parallel: number
  readonly template?: string
  readonly steps?: string
  readonly shrink: number
  readonly ci?: true
  readonly json?: true
}

/** The seeds of every check of the project, and what they are run with: short, one for each way of capture. */
export const CI = { seeds: [1, 2], ops: 400, workers: 2, minutes: 0.4, parallel: 2 } as const

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
    .addOption(new Option('--writes <kinds...>', 'these writes only').choices(WRITES.map(({ name }) => name)))
    .addOption(
      new Option('--people <kinds...>', 'people do only this').choices(ACTIONS.map(({ kind }) => kind)),
    )
    .addOption(
      new Option(
        '--without <protection>',
        'switch one off, and do what it is there for: it must be found',
      ).choices([...PROTECTIONS]),
    )
    .option('--steps <file>', 'a list of steps that a failed run printed, instead of a seed’s')
    .option('--shrink <n>', 'runs that may be spent on making a failing list of steps shorter', whole, 0)
    .addOption(new Option('--template <folder>', 'what runs side by side share').hideHelp())
    .option('--ci', `the fixed seeds of every check: ${CI.seeds.join(', ')}`)
    .option('--json', 'one object a line')
  program.parse([...argv], { from: 'user' })
  const chosen = program.opts<TortureOptions>()
  if (!chosen.without) return chosen
  // What was said on the command line holds.
  const said = Object.entries(chosen).filter(([name]) => program.getOptionValueSource(name) === 'cli')
  return { ...chosen, ...PROVOCATIONS[chosen.without], ...Object.fromEntries(said) }
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
