import { createApplicationLogger } from '../log.ts'

const STATE = Symbol.for('prisma-writeback.context-carriers')

/** One for the process, as the context is: a bundler may have put several copies of this module into it. */
const processWide = globalThis as { [STATE]?: { areThere: boolean; hasWarned: boolean } }
processWide[STATE] ??= { areThere: false, hasWarned: false }
const state = processWide[STATE]

/** Notes that a Prisma client of this process puts contexts into the changes that it makes. */
export function noteContextCarrier(): void {
  state.areThere = true
}

/** Warns, once, where code ran in a context and no Prisma client of this process takes it into its changes. */
export function warnWithoutContextCarrier(): void {
  if (!state.areThere) warnOfUncarriedContext()
}

/** Warns, once, of a context that a Prisma client does not take into its changes, because it is not extended. */
export function warnOfUncarriedContext(): void {
  if (state.hasWarned) return
  state.hasWarned = true
  createApplicationLogger().warn(
    { code: 'CONTEXT_LOST' },
    'code ran in a context that its Prisma client does not take into changes: expected new PrismaClient(...).$extends(writeback(config)), also where triggers capture',
  )
}
