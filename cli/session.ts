import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { pino } from 'pino'
import { readEnvironment } from '../src/config/environment.ts'
import { loadConfig } from '../src/config/load-config.ts'
import type { Actor, OperationsContext } from '../src/operations/context.ts'
import { type Operations, openContext, operationsOf } from '../src/operations/operations.ts'

/** What a command works with. */
export interface Session {
  readonly operations: Operations
  readonly context: OperationsContext
}

/** Opens configuration and database, runs a command's work, and closes them however it ends. */
export async function withSession<Result>(
  command: Command,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl } = readEnvironment()
  const config = await loadConfig(command.optsWithGlobals().config)
  // What pg-boss has to say goes where errors go: stdout may be read by a program.
  const log = pino({ level: 'warn', base: null }, process.stderr)
  const context = await openContext(config, { databaseUrl, log })
  const operations = operationsOf(context)
  try {
    return await work({ operations, context })
  } finally {
    await operations.close()
  }
}

/** Adds the options by which somebody says who acts, and why. */
export function withActor(command: Command): Command {
  return command
    .option('--actor <name>', 'who does this, for the record (default: WRITEBACK_ACTOR, or the user)')
    .option('--reason <text>', 'why, for the record')
}

/** Who runs a command that was made with {@link withActor}. */
export function actorOf(command: Command): Actor {
  const { actor, reason } = command.opts<{ actor?: string; reason?: string }>()
  return {
    actor: actor ?? process.env.WRITEBACK_ACTOR ?? userName(),
    ...(reason !== undefined && { reason }),
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
