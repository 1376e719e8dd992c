/** Exit codes that scripts can use; `docs/operations.md` lists them. */
export const EXIT = {
  ok: 0,
  /** It did not work: one line on stderr, `CODE message`. */
  error: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** `status`, `doctor`, `triggers --check`: something waits for a person. */
  attention: 3,
  /** `status`, `doctor`, `triggers --check`, `migrate`: changes do not reach a place, or are not captured. */
  broken: 4,
} as const
