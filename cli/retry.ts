import { Command } from 'commander'
import type { Retried } from '../src/operations/dead-letters.ts'
import { actorOf } from './session.ts'
import { troubledCommand } from './troubled.ts'

/** `writeback retry [IDS...]`: sends dead letters back to the queue. */
export function retryCommand(): Command {
  return troubledCommand(
    new Command('retry').description('send dead letters back to the queue, or let failed jobs try again now'),
    'Retry',
    ({ operations }, filter, self) => operations.retry(filter, actorOf(self)),
    ({ queued, merged, hastened }: Retried) =>
      [
        `${queued} queued again`,
        merged > 0 && `${merged} whose record is queued already`,
        hastened > 0 && `${hastened} that need not wait any more`,
      ]
        .filter(Boolean)
        .join(', '),
  )
}
