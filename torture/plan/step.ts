/**
 * One thing that happens in a run. Plain data: a list of steps is all that is needed to repeat a run, and any part of
 * it can be left out.
 */
export type Step = {
  /** Milliseconds after the beginning. */
  readonly at: number
  /** Decides everything that is left open. */
  readonly salt: number
} & (
  | { readonly kind: 'write'; readonly write: string }
  | { readonly kind: 'fault'; readonly fault: string; readonly lasts: number }
  /** Somebody does something in a tab: at once, or between a worker's read and its write. */
  | { readonly kind: 'person'; readonly target: string; readonly action: string; readonly between: boolean }
  /** The same when all changes have been worked off: nothing but a comparison follows. */
  | { readonly kind: 'afterwards'; readonly target: string; readonly action: string }
  /** A job that no worker can read. */
  | { readonly kind: 'bad job' }
)

/** A step in one line. */
export function describe(step: Step): string {
  const at = `${(step.at / 1000).toFixed(1).padStart(6)} s`
  switch (step.kind) {
    case 'write':
      return `${at}  write   ${step.write} (${step.salt})`
    case 'fault':
      return `${at}  fault   ${step.fault}${step.lasts > 0 ? `, ${(step.lasts / 1000).toFixed(1)} s` : ''}`
    case 'person':
      return `${at}  person  ${step.action} in ${step.target}${step.between ? ', between read and write' : ''}`
    case 'afterwards':
      return `${at}  person  ${step.action} in ${step.target}, when all is worked off`
    case 'bad job':
      return `${at}  a job that no worker can read`
  }
}
