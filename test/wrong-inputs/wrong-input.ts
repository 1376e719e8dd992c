import type { ErrorCode } from '../../src/errors.ts'

/** Stands for every secret in the inputs. No message may have it. */
export const SECRET = 'hunter2-do-not-show'

/** Something that people write, and that is wrong. */
export interface WrongInput {
  /** What is wrong with it, in words. */
  readonly what: string
  /** Does what the library does with it; must throw or reject. */
  readonly run: () => unknown
  readonly code: ErrorCode | 'USAGE'
  /** What the message must name: the option, variable, argument or column, and the target where there is one. */
  readonly names: readonly string[]
}
