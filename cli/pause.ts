import { Command } from 'commander'
import { print, printJson } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

/** `writeback pause TARGET`: no worker writes a target, until it is resumed. */
export function pauseCommand(): Command {
  const command = new Command('pause')
    .description('stop writing a target, on all workers; its changes are kept')
    .argument('<target>', 'name of the target')
    .option('--json', 'print JSON')
  return withActor(command).action(async (target: string, options: { json?: true }, self: Command) => {
    const done = await withSession(self, ({ operations }) => operations.pause(target, actorOf(self)))
    if (options.json) printJson(done)
    else
      print(
        done.changed ? `${target} is paused; go on with: writeback resume ${target}` : `${target} was paused`,
      )
  })
}
