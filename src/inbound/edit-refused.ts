/**
 * To be thrown by `check`, `defaults` or within `validate`, or by what they call, to refuse edits: with a reason for the
 * person who made them, or a reason by field. Anything else that is thrown is a failure, and the edits are tried again.
 */
export class EditRefused extends Error {
  readonly reasons: string | Readonly<Record<string, string>>

  constructor(reasons: string | Readonly<Record<string, string>>) {
    super(typeof reasons === 'string' ? reasons : Object.values(reasons).join('; '))
    this.name = 'EditRefused'
    this.reasons = reasons
  }
}

/** True for one of any copy of this module in the process. */
export function isEditRefused(error: unknown): error is EditRefused {
  return error instanceof Error && error.name === 'EditRefused' && 'reasons' in error
}
