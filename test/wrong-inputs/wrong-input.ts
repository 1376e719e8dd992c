import type { ErrorCode } from '../../src/errors.ts'
import type { Stage } from './stage.ts'

/** Something that people write, and that is wrong. */
export interface WrongInput {
  /** What is wrong with it, in words. */
  readonly what: string
  /** Does what the library does with it; must throw or reject. */
  readonly run: (stage: Stage) => unknown
  readonly code: ErrorCode | 'USAGE'
  /** What the message must name: the option, variable, argument or column, and the target where there is one. */
  readonly names: readonly string[]
}

/** A command that was refused, with what it wrote to stderr. */
export class RefusedCommand extends Error {}
