import { isWritebackError, WritebackError } from '../errors.ts'

/** The error about one option. What was got is a name of the schema or of the config, never a value. */
export function wrongOption(where: string, option: string, expected: string, got: string): WritebackError {
  return new WritebackError('CONFIG_INVALID', { problem: `${where}: ${option}`, expected, got })
}

/** Runs a check that knows nothing of the configuration; what it refuses is said to stand in an option. */
export function inOption<Result>(where: string, option: string, check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    if (!isWritebackError(error)) throw error
    const { code, problem, expected, got, remedy } = error
    throw new WritebackError(code, {
      problem: `${where}: ${option}: ${problem}`,
      ...(expected !== undefined && { expected }),
      ...(got !== undefined && { got }),
      ...(remedy !== undefined && { remedy }),
      cause: error,
    })
  }
}
