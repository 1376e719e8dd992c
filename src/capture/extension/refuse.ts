import { argumentsOf, type HookCall, type PrismaTransaction, run, seamChanged } from './seam.ts'

type Args = Readonly<Record<string, unknown>>

/** What Prisma takes as `undefined` even where it refuses it elsewhere. */
const SELECTIONS: ReadonlySet<string> = new Set(['select', 'include', 'omit'])

/**
 * Whether Prisma refuses a call with the preview feature `strictUndefinedChecks`: a condition of `undefined` is to
 * delete nothing, and what capture makes of the arguments would have it delete everything.
 */
export function givesUndefined({ args }: HookCall): boolean {
  return Object.entries((args ?? {}) as Args).some(
    ([name, value]) => value === undefined && !SELECTIONS.has(name),
  )
}

/**
 * Has Prisma refuse a call in its own words, which quote the caller's arguments. Nothing is sent for it.
 *
 * @param error what is thrown when Prisma takes the call after all: then the mistake is ours, and the transaction
 * must not be committed without its jobs
 */
export async function refuse(
  call: HookCall,
  transaction: PrismaTransaction,
  error: unknown = seamChanged('what it refuses'),
): Promise<never> {
  await run(call, { args: argumentsOf(call), transaction })
  throw error
}

/** Whether an error is Prisma's refusal of arguments. */
export function isRefusal(error: unknown): boolean {
  return (error as Error).name === 'PrismaClientValidationError'
}
