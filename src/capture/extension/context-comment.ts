import type { ChangeContext } from '../../change/change.ts'
import { cleanContext } from '../../change/clean-context.ts'
import { currentContext } from '../../change/context.ts'
import { warnOfUncarriedContext } from '../../change/context-carriers.ts'
import { CONTEXT_TAG } from '../shown/context-tag.ts'
import { configOfEngine } from './seam.ts'
import { currentStatement } from './statement-context.ts'

/** A plugin of Prisma's `comments` option; the same shape as `SqlCommenterPlugin` of `@prisma/sqlcommenter`. */
export type CommentPlugin = () => Readonly<Record<string, string | undefined>>

/**
 * A plugin for Prisma Client's `comments` option: every statement carries the context of `runWithContext` in
 * a comment, where the triggers read it. No statement is added. Statements made outside of `runWithContext`
 * have no comment.
 *
 * `$extends(writeback(config))` adds it by itself, and knows the context of every call (see statement-context.ts);
 * without that no statement has one. It is needed by hand where the client has connected before it was extended.
 *
 * The context is encoded (base64url), so that it can hold anything and means nothing to Postgres; who reads
 * the database's statement log can decode it.
 *
 * @example
 * new PrismaClient({ adapter, comments: [writebackContext()] }).$extends(writeback(config))
 */
export function writebackContext(): CommentPlugin {
  return () => {
    const statement = currentStatement()
    if (statement === undefined && currentContext() !== undefined) warnOfUncarriedContext()
    const encoded = encodeContext(statement?.context)
    return encoded === undefined ? {} : { [CONTEXT_TAG]: encoded }
  }
}

/**
 * Adds {@link writebackContext} to a client, as if it had been among its `comments`. Prisma reads them when it connects: a
 * client that has connected keeps those it had.
 *
 * @param isNeeded asked for every statement that has a context
 */
export function addContextComment(client: object, isNeeded: () => boolean): void {
  const config = configOfEngine(client)
  if (config === null) return
  const plugin = writebackContext()
  const ours: CommentPlugin = () => {
    const comment = plugin()
    return isNeeded() ? comment : {}
  }
  config.sqlCommenters = [...(config.sqlCommenters ?? []), ours]
}

/** The tag's value for a context, or undefined where there is nothing to say. */
export function encodeContext(context: ChangeContext | undefined): string | undefined {
  const entries = Object.entries(cleanContext(context)).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return undefined
  return Buffer.from(JSON.stringify(Object.fromEntries(entries))).toString('base64url')
}
