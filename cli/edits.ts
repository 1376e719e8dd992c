import { Command } from 'commander'
import type { EditState } from '../src/inbound/edit.ts'
import type { EditEntry } from '../src/operations/edits.ts'
import { ago, parseCount } from './format.ts'
import { columns, cut, paint, print, printJson, wrap } from './output.ts'
import { withSession } from './session.ts'

interface Options {
  readonly target?: string
  readonly record?: string
  readonly refused?: true
  readonly pending?: true
  readonly limit: number
  readonly json?: true
}

/** `writeback edits`: lists what people changed in a place, and what became of it. */
export function editsCommand(): Command {
  return new Command('edits')
    .description(
      'list what people changed in writable cells, and rows that they added or removed, the newest first',
    )
    .option('-t, --target <name>', 'of this target')
    .option('-r, --record <id>', 'of this record')
    .option('--refused', 'that were refused and still stand in the place')
    .option('--pending', 'that are on their way into the database')
    .option('-n, --limit <count>', 'so many at most', parseCount, 20)
    .option('--json', 'print JSON')
    .action(async ({ json, refused, pending, ...filter }: Options, self: Command) => {
      const states: EditState[] = [
        ...(refused ? (['refused'] as const) : []),
        ...(pending ? (['waiting', 'pending'] as const) : []),
      ]
      const wanted = { ...filter, ...(states.length > 0 && { states }) }
      const edits = await withSession(self, ({ operations }) => operations.edits(wanted))
      if (json) printJson(edits)
      else print(edits.length === 0 ? 'no edit' : renderEdits(edits, new Date()))
    })
}

const COLOURS: Readonly<Record<EditState, (text: string) => string>> = {
  ...{ waiting: paint.cyan, pending: paint.cyan, applied: paint.green },
  ...{ refused: paint.red, lost: paint.yellow, withdrawn: paint.dim },
}

/** Edits below each other, each with its values and why it was not taken. */
export function renderEdits(edits: readonly EditEntry[], now: Date): string {
  return edits.map((edit) => render(edit, now)).join('\n')
}

function render(edit: EditEntry, now: Date): string {
  const who = edit.editor === null ? '' : ` by ${edit.editor}`
  const what = { change: `column ${edit.column}`, create: 'a row added', remove: 'a row removed' }[edit.kind]
  const lines = [
    `${COLOURS[edit.state](edit.state)}  ${wrap(`${edit.target}, record ${edit.record}, ${what}`, edit.state.length + 2)}`,
    `    ${paint.dim(wrap(`typed ${ago(edit.seenAt, now)}${who}`, 4))}`,
  ]
  const room = columns() - 4
  if (edit.kind === 'change') {
    // What was written, where that is not what was typed.
    const differs = edit.state === 'applied' && JSON.stringify(edit.after) !== JSON.stringify(edit.shown)
    const written = differs ? `, written as ${value(edit.after)}` : ''
    const before = edit.before === null && edit.state !== 'applied' ? '' : `${value(edit.before)} -> `
    lines.push(`    ${cut(`${before}${value(edit.shown)}${written}`, room)}`)
  } else if (edit.kind === 'create') lines.push(`    ${cut(value(edit.shown), room)}`)
  if (edit.reason !== null)
    lines.push(
      `    ${paint.dim(wrap(edit.code === null ? edit.reason : `${edit.reason} (${edit.code})`, 4))}`,
    )
  return lines.join('\n')
}

function value(shown: unknown): string {
  if (shown === null || shown === undefined || shown === '') return '(empty)'
  return typeof shown === 'string' ? shown : JSON.stringify(shown)
}
