import { verify as look, type Verification } from '../../src/targets/sheet/write/verify.ts'

export * from '../../src/targets/sheet/write/verify.ts'

/** Believes that everything came out as planned. */
export function verify(...given: Parameters<typeof look>): Verification {
  const [expected] = given
  const { appendedAt } = look(...given)
  const verified = new Set([
    ...expected.written.map(({ decision }) => decision),
    ...expected.appended.values(),
    ...expected.removed,
  ])
  return {
    verified,
    damaged: new Map(),
    overwrote: [],
    landedInKeyless: [],
    unverifiable: [],
    removedWrong: false,
    appendedAt,
  }
}
