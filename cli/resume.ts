import { Command } from 'commander'
import { print, printJson } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

/** `writeback resume TARGET`: lets a paused or stopped target go on. */
export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('write a paused target again, with everything that changed meanwhile')
    .argument('<target>', 'name of the target')
    .option('--json', 'print JSON')
  return withActor(command).action(async (target: string, options: { json?: true }, self: Command) => {
    const done = await withSession(self, ({ operations }) => operations.resume(target, actorOf(self)))
    if (options.json) printJson(done)
    else print(done.changed ? `${target} goes on` : `${target} was not paused`)
  })
}
