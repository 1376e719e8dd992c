import { kindOf } from '../config/describe.ts'
import { isUnreachable, unreachable } from '../database/unreachable.ts'
import { messageOf, WritebackError } from '../errors.ts'
import { delegateName } from '../model/delegate-name.ts'
import type { ReadableClient } from './prisma-reader.ts'

/** What is needed of a configuration to open its client. */
export interface ClientOptions {
  readonly client: (() => unknown) | undefined
  readonly targets: readonly { readonly name: string; readonly model: string }[]
}

/** A Prisma client as the worker uses it. */
export type OpenClient = ReadableClient & { $disconnect(): Promise<void> }

/**
 * Makes the client that a configuration gives the worker, and sees that it can read every target's model.
 * @throws WritebackError `CONFIG_INVALID` when there is none, when making it fails, or when it is no client of this schema
 */
export async function openClient({ client, targets }: ClientOptions): Promise<OpenClient> {
  if (client === undefined) throw notAClient('the worker cannot read records', 'none')
  const made = await make(client)
  const methods = (typeof made === 'object' && made !== null ? made : {}) as Record<string, unknown>
  if (typeof methods.$disconnect !== 'function') throw notAClient('client is no Prisma client', kindOf(made))
  for (const { name, model } of targets) {
    const delegate = methods[delegateName(model)] as { findMany?: unknown } | undefined
    if (typeof delegate?.findMany === 'function') continue
    throw new WritebackError('CONFIG_INVALID', {
      problem: `target "${name}": client cannot read ${model}`,
      expected: `a Prisma client of the schema that has the model ${model}`,
      got: `one without "${delegateName(model)}"`,
      remedy: 'Run "npx prisma generate" if the model is new',
    })
  }
  return made as OpenClient
}

async function make(client: () => unknown): Promise<unknown> {
  try {
    return await client()
  } catch (error) {
    if (error instanceof WritebackError) throw error
    if (isUnreachable(error)) throw unreachable(error)
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'client of defineConfig threw an error',
      got: messageOf(error),
      remedy: 'Correct the function, or what it reads from the environment',
      cause: error,
    })
  }
}

function notAClient(problem: string, got: string): WritebackError {
  return new WritebackError('CONFIG_INVALID', {
    problem,
    expected: 'a client in defineConfig({ client: () => new PrismaClient(...) })',
    got,
  })
}
