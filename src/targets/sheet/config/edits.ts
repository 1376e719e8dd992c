import { z } from 'zod'
import { isAsync } from '../../../config/describe.ts'
import { type EditRules, type EditSchema, NEW_ROWS_POLICIES } from '../../../inbound/edit-rules.ts'

/**
 * What happens when a person deletes the row of a record that still exists.
 * - `restore`: the row comes back (default)
 * - `keep-away`: the row stays away, and the record is listed as missing
 * - `delete`: the record is deleted, behind a brake
 */
export const DELETED_ROWS_POLICIES = ['restore', 'keep-away', 'delete'] as const
export type DeletedRowsPolicy = (typeof DELETED_ROWS_POLICIES)[number]

/**
 * Where the sheet says why an edit was refused.
 * - `column`: in a column `Sync` at the end of the row (default)
 * - `note`: in the note of the cell itself, which gets a background as well
 */
export const REFUSALS_SHOWN = ['column', 'note'] as const
export type RefusalsShown = (typeof REFUSALS_SHOWN)[number]

/** Header of the column that says why an edit was refused. */
export const REFUSAL_HEADER = 'Sync'

/** How edits are found. Polling is always there, seldom where something else tells of them. */
export interface DetectEdits {
  /** Longest time between two looks at a spreadsheet that people work in, in seconds. */
  readonly everySeconds: number
  /** Google Drive is asked which spreadsheets have changed: one call for all of them. */
  readonly drive: boolean
  /** A script in the spreadsheet tells of edits at once: `writeback sheet-script` prints it. */
  readonly script: boolean
}

const functionOf = <F>(expected: string, mayBeAsync: boolean) =>
  z.custom<F>((given) => typeof given === 'function' && (mayBeAsync || !isAsync(given)), expected)

const seconds = z
  .number('expected seconds, 2 to 3600')
  .min(2, 'expected 2 or more')
  .max(3600, 'expected 3600 or less')

/** Shape check of a target's `edits`. */
export const editsSchema = z.strictObject({
  validate: z
    .custom<EditSchema>(
      (given) => typeof (given as EditSchema | undefined)?.['~standard']?.validate === 'function',
      'expected a schema of the writable fields, such as z.object({...})',
    )
    .optional(),
  check: functionOf<NonNullable<EditRules['check']>>('expected a function', true).optional(),
  newRows: z.enum(NEW_ROWS_POLICIES).default('ignore'),
  defaults: functionOf<NonNullable<EditRules['defaults']>>(
    'expected a function that is not async',
    false,
  ).optional(),
  deletedRows: z.enum(DELETED_ROWS_POLICIES).optional(),
  refusals: z.enum(REFUSALS_SHOWN).default('column'),
  lock: z.boolean().default(false),
  help: z.boolean().default(true),
  detect: z
    .strictObject({
      everySeconds: seconds.default(5),
      drive: z.boolean().default(false),
      script: z.boolean().default(false),
    })
    .default({ everySeconds: 5, drive: false, script: false }),
})

/** A target's `edits`, checked. */
export type Edits = z.output<typeof editsSchema>
