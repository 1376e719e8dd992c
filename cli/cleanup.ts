import { Command } from 'commander'
import { count } from './format.ts'
import { print, printJson } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

/** `writeback cleanup`: deletes what is older than the retention. */
export function cleanupCommand(): Command {
  const command = new Command('cleanup')
    .description('delete what is older than the retention now; workers do so every night')
    .option('--json', 'print JSON')
  return withActor(command).action(async (options: { json?: true }, self: Command) => {
    const done = await withSession(self, ({ operations }) => operations.cleanup(actorOf(self)))
    if (options.json) {
      printJson(done)
      return
    }
    print(
      `deleted ${count(done.jobs, 'settled job')}, ${count(done.conflicts, 'resolved conflict')}, ${count(done.edits, 'edit')}, ` +
        `${count(done.targets, 'removed target')} with ${count(done.records, 'record')} ` +
        `and ${count(done.orphanedJobs, 'job')}`,
    )
  })
}
