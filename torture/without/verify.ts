import { type Expectation, verify as look, type Verification } from '../../src/sheet/verify.ts'

export * from '../../src/sheet/verify.ts'

/** Believes that everything came out as planned. */
export function verify(expected: Expectation, keys: ReadonlyMap<number, string>): Verification {
  const { appendedAt } = look(expected, keys)
  const verified = new Set([
    ...expected.written.map(({ decision }) => decision),
    ...expected.appended.values(),
    ...expected.removed,
  ])
  return { verified, damaged: new Map(), strays: [], blind: [], removedWrong: false, appendedAt }
}
