import { Command, InvalidArgumentError, Option } from 'commander'
import { WritebackError } from '../src/errors.ts'
import type { Take } from '../src/targets/merge/resolve-conflict.ts'
import { parseId } from './job-options.ts'
import { print, printJson } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

interface Options {
  readonly take: 'sheet' | 'database' | 'value'
  readonly value?: string | number | boolean | null
  readonly json?: true
}

/** `writeback resolve ID`: decides an edited cell, or a changed field. */
export function resolveCommand(): Command {
  const command = new Command('resolve')
    .description('decide about a value that somebody changed; the place follows with the next batch')
    .argument('<id>', 'the conflict, as "writeback conflicts" lists it', (id) => parseId(id)[0])
    .addOption(
      new Option('--take <side>', 'whose value stands; sheet is what the place has, whatever kind it is')
        .choices(['sheet', 'database', 'value'])
        .makeOptionMandatory(),
    )
    .option(
      '--value <json>',
      'with --take value: a JSON text, number, boolean or null, e.g. \'"new"\' or 12',
      parseValue,
    )
    .option('--json', 'print JSON')
  return withActor(command).action(async (id: string, options: Options, self: Command) => {
    const take = takeOf(options)
    const done = await withSession(self, ({ operations }) =>
      operations.resolveConflict(id, take, actorOf(self)),
    )
    if (options.json) printJson(done)
    else
      print(
        `${done.target}, record ${done.record}, column ${done.column}: decided${done.queued ? ', and queued' : ''}`,
      )
  })
}

function takeOf({ take, value }: Options): Take {
  if (take !== 'value') {
    if (value === undefined) return take
    throw new WritebackError('OPERATION_INVALID', {
      problem: `--value goes with --take value`,
      got: `--take ${take}`,
    })
  }
  if (value !== undefined) return { value }
  throw new WritebackError('OPERATION_INVALID', {
    problem: '--take value needs a value',
    expected: '--value <json>',
  })
}

function parseValue(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as never
  } catch {
    // It is no JSON at all.
  }
  throw new InvalidArgumentError('expected JSON: a text in quotes, a number, true, false or null.')
}
