/** One file, and what shall become of it. */
export interface PlannedChange {
  /** Path from the project's root, with slashes. */
  readonly path: string
  /**
   * - `create`: the file does not exist
   * - `append`: text is added at its end
   * - `unchanged`: it has what it needs, or is yours to change
   * - `differs`: it should have what the package has, has something else, and is left alone
   */
  readonly action: 'create' | 'append' | 'unchanged' | 'differs'
  /** Why, in a few words. */
  readonly note: string
  /** What the file holds now; null where there is none. */
  readonly before: string | null
  /** What is added: the whole file, or what is appended. Empty where nothing is. */
  readonly added: string
  /** True for a word-for-word copy of a file of the package, which needs no reading. */
  readonly verbatim?: boolean
}

/** Text that goes below what a file has, after one empty line. */
export function below(before: string, text: string): string {
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n'
  return gap + text
}

/** Whether a change does anything. */
export function changesSomething({ action }: PlannedChange): boolean {
  return action === 'create' || action === 'append'
}
