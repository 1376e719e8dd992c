import { QUEUES } from '../queue/queues.ts'
import type { OperatorView, UnseenEdits } from '../targets/operator.ts'
import { type OperationsContext, tablesOf } from './context.ts'
import { errorCodeSql, errorMessageSql } from './job-error.ts'

/** Looks that fail one after the other before anybody is told: a single one is made good by the next. */
const TOLD_AFTER = 2

/** Looks for edits that have failed since the last one that came to its end. */
export interface FailedLooks {
  /** The place: for sheets the spreadsheet. */
  readonly lane: string
  readonly code: string | null
  readonly message: string | null
  readonly since: Date
}

/** Reads which places cannot be looked at, by lane. Changes nothing. */
export async function readFailedLooks(context: OperationsContext): Promise<ReadonlyMap<string, FailedLooks>> {
  const { job } = tablesOf(context)
  const rows = await context.sql.query<FailedLooks>(
    `with looks as (
       select data->>'spreadsheetId' as lane, state, output, completed_on as at
       from ${job} where name = $1 and state in ('completed', 'failed')
     ), ends as (
       select lane, max(at) filter (where state = 'completed') as good from looks group by lane
     ), newest as (
       select distinct on (lane) lane, ${errorCodeSql('output')} as code, ${errorMessageSql('output')} as message,
         min(at) over failing as since, count(*) over failing as count
       from looks join ends using (lane)
       where state = 'failed' and at > coalesce(good, '-infinity')
       window failing as (partition by lane)
       order by lane, at desc
     )
     select lane, code, message, since from newest where count >= $2`,
    [QUEUES.pull, TOLD_AFTER],
  )
  return new Map(rows.map((row) => [row.lane, row]))
}

/** The same in words for operators. */
export function toldOfFailedLooks(
  { lane, code, message, since }: FailedLooks,
  { nouns, remedyOf }: OperatorView,
): UnseenEdits {
  const reason = [code, message ?? 'no reason is known'].filter((part) => part !== null).join(' ')
  return {
    ...{ code: 'EDITS_UNSEEN', since },
    message: `${nouns.lane} ${lane} cannot be looked at, so what people type there is not seen: ${reason}`,
    remedy:
      (code !== null && remedyOf?.(code)) ||
      'It is tried again by itself; the log of the workers says more (sync.pull)',
  }
}
