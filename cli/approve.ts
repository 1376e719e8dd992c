import { Command } from 'commander'
import { print, printJson } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

/** `writeback approve TARGET`: says what becomes of records whose rows people deleted. */
export function approveCommand(): Command {
  const command = new Command('approve')
    .description('delete the records whose rows people deleted, after the target stopped for it')
    .argument('<target>', 'name of the target')
    .option('--restore', 'bring the rows back instead; no record is deleted')
    .option('--json', 'print JSON')
  return withActor(command).action(
    async (target: string, options: { restore?: true; json?: true }, self: Command) => {
      const restore = options.restore === true
      const done = await withSession(self, ({ operations }) =>
        operations.approve(target, { restore }, actorOf(self)),
      )
      if (options.json) printJson(done)
      else if (done.records === 0) print(`${target} goes on; no row of it is missing`)
      else print(`${target} goes on: ${done.records} ${restore ? 'rows come back' : 'records are deleted'}`)
    },
  )
}
