import { SPREADSHEETS } from '../spreadsheets.ts'
import type { FaultKind } from './fault.ts'

/** What the emulator can do wrong by itself. */
type Misbehaviour = Readonly<Record<string, unknown>> & { readonly kind: string }

/** The API misbehaves in some of the calls while the fault lasts. */
function some(
  kind: string,
  weight: number,
  misbehaviour: Misbehaviour,
  calls: 'read' | 'write' | 'any',
): FaultKind {
  return {
    kind,
    group: 'api',
    weight,
    lasts: [1_000, 6_000],
    make: ({ sheets }, random) => {
      const probability = random.of([0.2, 0.5, 0.9])
      const seed = random.salt()
      let id: number | undefined
      return {
        async inject() {
          const fault = { ...misbehaviour, match: { calls }, probability, seed }
          id = ((await sheets.control('POST', 'faults', fault)) as { id: number }).id
        },
        async heal() {
          await sheets.control('DELETE', `faults/${id}`)
        },
      }
    },
  }
}

/** Answers that say no, answers that do not come, and answers that are none. */
export const answers: readonly FaultKind[] = [
  some('api answers 429', 1, { kind: 'status', status: 429 }, 'any'),
  some('api answers 500', 2, { kind: 'status', status: 500 }, 'any'),
  some('api answers 503', 2, { kind: 'status', status: 503 }, 'any'),
  some('api resets before applying', 2, { kind: 'reset-before' }, 'any'),
  some('api resets after applying', 4, { kind: 'reset-after' }, 'write'),
  some('api sends broken JSON', 3, { kind: 'broken-json' }, 'any'),
  some('api sends half an answer', 3, { kind: 'truncated' }, 'any'),
  some('api hangs, then answers', 2, { kind: 'hang', ms: 3_000 }, 'any'),
  some('api hangs, then resets', 2, { kind: 'hang', ms: 2_000, apply: false }, 'any'),
]

/** The API is away: refuses every call, or cannot be reached. */
export const away: FaultKind = {
  kind: 'api away',
  group: 'api',
  weight: 2,
  lasts: [5_000, 60_000],
  make: ({ sheets }, random) => {
    const outage = random.of(['unavailable', 'unreachable'])
    return {
      inject: async () => void (await sheets.control('POST', 'outage', { outage })),
      heal: async () => void (await sheets.control('POST', 'outage', { outage: null })),
    }
  },
}

/** Somebody takes the service account off a spreadsheet, and puts it back. */
export const revoked: FaultKind = {
  kind: 'access revoked',
  group: 'api',
  weight: 2,
  lasts: [1_000, 15_000],
  make: ({ sheets }, random) => {
    const spreadsheetId = random.of(Object.values(SPREADSHEETS))
    const allow = async (allowed: boolean) => {
      await sheets.control('POST', 'access', { spreadsheetId, allowed })
    }
    return { inject: () => allow(false), heal: () => allow(true) }
  },
}

/** The next write arrives late, after the worker may have given it up. */
export const late: FaultKind = {
  kind: 'a write arrives late',
  group: 'api',
  weight: 3,
  lasts: [0, 0],
  make: ({ sheets }, random) => {
    const spreadsheetId = random.of(Object.values(SPREADSHEETS))
    const ms = random.between(500, 5_000)
    return {
      inject: async () => void (await sheets.hold(spreadsheetId, ms)),
      heal: async () => {},
    }
  },
}
