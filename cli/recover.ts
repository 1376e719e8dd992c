import { Command } from 'commander'
import { count } from './format.ts'
import { print, printJson } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

/** `writeback recover`: returns jobs whose worker is gone. */
export function recoverCommand(): Command {
  const command = new Command('recover')
    .description('return jobs whose worker is gone to the queue now; workers do so by themselves')
    .option('--json', 'print JSON')
  return withActor(command).action(async (options: { json?: true }, self: Command) => {
    const recovery = await withSession(self, ({ operations }) => operations.resetStuck(actorOf(self)))
    if (options.json) printJson(recovery)
    else
      print(
        `${count(recovery.stuck, 'stuck job')}: ${recovery.returned} returned, ${recovery.dead} dead` +
          (recovery.edits > 0 ? `; edits of ${count(recovery.edits, 'record')} sent again` : ''),
      )
  })
}
