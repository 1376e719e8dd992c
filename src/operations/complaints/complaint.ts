/** Something that is not as it should be. */
export interface Complaint {
  /** `broken`: changes do not reach a place. `attention`: something waits for a person. */
  readonly severity: 'attention' | 'broken'
  readonly target: string | null
  /** What it is about, where that is no target and no worker: a queue, the publishing functions. */
  readonly subject?: string
  readonly message: string
  /** What to do now: usually a command. */
  readonly remedy: string
}

/** A change, or a job, that waits longer than this while a worker lives is worth a look, in milliseconds. */
export const OLD_MS = 10 * 60_000

/** A number with its noun. */
export function many(count: number, one: string, several: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`
}

/** Code and message of an error, in one sentence. */
export function told({ code, message }: { readonly code: string | null; readonly message: string }): string {
  return code === null ? message : `${code} ${message}`
}
