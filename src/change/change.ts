import { z } from 'zod'
import { WritebackError } from '../errors.ts'
import { type ChangeContext, cleanContext } from './clean-context.ts'

export type { ChangeContext } from './clean-context.ts'

/** What a write did to a record. `upsert`: Prisma does not tell which of the two it was. */
export const OPERATIONS = ['create', 'update', 'delete', 'upsert'] as const
export type Operation = (typeof OPERATIONS)[number]

/** Version of the job format. A reader accepts every version it knows; a writer writes the newest. */
export const CHANGE_VERSION = 1

/**
 * The data of a `sync.write-back` job: which record of which model changed, for which target. It carries no
 * values: the worker reads the record when it handles the job, so order and repetition do not matter.
 */
export const changeSchema = z.strictObject({
  v: z.literal(CHANGE_VERSION),
  /** Name of the target that follows the record. */
  target: z.string().min(1).max(200),
  /** Prisma name of the model. */
  model: z.string().min(1),
  /** The record's id as text, see `encodeRecordId`. */
  id: z.string().min(1),
  operation: z.enum(OPERATIONS),
  /** When the write was made, ISO 8601, UTC. */
  at: z.iso.datetime({ offset: true }),
  context: z
    .unknown()
    .optional()
    .transform((given): ChangeContext | undefined => {
      // Whoever wrote the job: its context does not keep it from being done.
      const context = cleanContext(given)
      return Object.keys(context).length > 0 ? context : undefined
    }),
})

/** The fact that a record was written. */
export type Change = z.infer<typeof changeSchema>

/**
 * Reads the data of a job.
 * @throws WritebackError `JOB_INVALID` when the data is of no version this worker knows; the message names
 * the fields that are wrong, never their values
 */
export function parseChange(data: unknown): Change {
  const parsed = changeSchema.safeParse(data)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || '(job data)')
  throw new WritebackError('JOB_INVALID', {
    problem: 'the job carries data this worker cannot read',
    expected: `a change of version ${CHANGE_VERSION} (target, model, id, operation, at)`,
    got: `trouble in ${[...new Set(fields)].join(', ')}`,
    remedy: 'Deploy a worker of the version that wrote the job, or discard it',
  })
}
