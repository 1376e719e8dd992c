import type { ErrorCode } from '../errors.ts'
import { WORKER_LOST } from '../queue/take-back.ts'

/** What pg-boss writes into jobs that it takes from a worker (pg-boss 12, `failJobsByHeartbeat` and `failJobsByTimeout`). */
const TAKEN: Readonly<Record<string, { readonly code: ErrorCode; readonly message: string }>> = {
  'job heartbeat timeout': WORKER_LOST,
  'job timed out': {
    code: 'JOB_TIMED_OUT',
    message: 'it took longer than its queue allows, and was taken from its worker',
  },
}

/** What to do about jobs whose worker ended without saying so. */
export const LOST_REMEDY =
  'Nothing, if it was killed or cut off: they are taken by the next worker. If it happens again, look at its memory and at the log of the platform'

/** SQL of the error's code in the output of a job; null where there is none. */
export function errorCodeSql(output: string): string {
  return `case ${output}->'value'->>'message' ${cases('code')} else ${output}->>'code' end`
}

/** SQL of the error's message in the output of a job; null where there is none. */
export function errorMessageSql(output: string): string {
  const message = `${output}->'value'->>'message'`
  return `case ${message} ${cases('message')} else coalesce(${output}->>'message', ${message}) end`
}

function cases(part: 'code' | 'message'): string {
  return Object.entries(TAKEN)
    .map(([said, error]) => `when '${said}' then '${error[part]}'`)
    .join(' ')
}
