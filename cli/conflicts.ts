import { Command, Option } from 'commander'
import type { Conflict } from '../src/operations/conflicts.ts'
import { ago, parseCount } from './format.ts'
import { columns, cut, paint, print, printJson, wrap } from './output.ts'
import { withSession } from './session.ts'

interface Options {
  readonly target?: string
  readonly record?: string
  readonly state: 'open' | 'resolved' | 'all'
  readonly limit: number
  readonly json?: true
}

/** `writeback conflicts`: lists values that people changed in a place. */
export function conflictsCommand(): Command {
  return new Command('conflicts')
    .description(
      'list values that people changed in a place (cells of a sheet, fields of an outside system) and that differ from the database',
    )
    .option('-t, --target <name>', 'of this target')
    .option('-r, --record <id>', 'of this record')
    .addOption(
      new Option('-s, --state <state>', 'in this state').choices(['open', 'resolved', 'all']).default('open'),
    )
    .option('-n, --limit <count>', 'so many at most', parseCount, 20)
    .option('--json', 'print JSON')
    .action(async ({ json, ...filter }: Options, self: Command) => {
      const conflicts = await withSession(self, ({ operations }) => operations.conflicts(filter))
      if (json) {
        printJson(conflicts)
        return
      }
      if (conflicts.length === 0) {
        print('no conflict')
        return
      }
      const now = new Date()
      for (const one of conflicts) print(render(one, now))
      print('decide with: writeback resolve ID --take sheet|database|value')
    })
}

function render(one: Conflict, now: Date): string {
  const winner = one.winner === 'none' ? 'waits for a decision' : `${one.winner} stands`
  const where = `${one.target}, record ${one.record}, column ${one.column}`
  const values = (['base', 'database', 'sheet'] as const).map((side) => {
    const value = cut(cell(one[side]), columns() - 16)
    return `    ${paint.dim(side.padEnd(10))}${value}`
  })
  return [
    `${one.id}  ${paint.bold(winner)}, ${ago(one.createdAt, now)}`,
    `    ${wrap(where, 4)}`,
    ...values,
    `    ${paint.dim(wrap(one.reason, 4))}`,
  ].join('\n')
}

function cell(value: unknown): string {
  return value === null || value === undefined
    ? '(empty)'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value)
}
