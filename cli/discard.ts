import { Command } from 'commander'
import { actorOf } from './session.ts'
import { troubledCommand } from './troubled.ts'

/** `writeback discard [IDS...]`: deletes dead letters. */
export function discardCommand(): Command {
  return troubledCommand(
    new Command('discard').description('delete dead letters, or failed jobs; the place keeps what it shows'),
    'Discard',
    ({ operations }, filter, self) => operations.discard(filter, actorOf(self)),
    ({ discarded }: { discarded: number }) => `${discarded} discarded`,
  )
}
