import type { ChangeContext } from '../change/change.ts'
import { cleanContext } from '../change/clean-context.ts'
import { statementContext } from './statement-context.ts'

/** Key of the comment's tag. */
export const CONTEXT_TAG = 'writeback'

/** Setting that carries a context as JSON, for programs that cannot add a comment to their statements. */
export const CONTEXT_SETTING = 'writeback.context'

/** A plugin of Prisma's `comments` option; the same shape as `SqlCommenterPlugin` of `@prisma/sqlcommenter`. */
export type CommentPlugin = () => Readonly<Record<string, string | undefined>>

/**
 * A plugin for Prisma Client's `comments` option: every statement carries the context of `runWithContext` in
 * a comment, where the triggers read it. No statement is added. Statements made outside of `runWithContext`
 * have no comment. It works together with the extension, `$extends(writeback(config))`, which knows the context
 * of every call (see statement-context.ts); without it no statement has one.
 *
 * The context is encoded (base64url), so that it can hold anything and means nothing to Postgres; who reads
 * the database's statement log can decode it.
 *
 * @example
 * new PrismaClient({ adapter, comments: [writebackContext()] }).$extends(writeback(config))
 */
export function writebackContext(): CommentPlugin {
  return () => {
    const encoded = encodeContext(statementContext())
    return encoded === undefined ? {} : { [CONTEXT_TAG]: encoded }
  }
}

/** The tag's value for a context, or undefined where there is nothing to say. */
export function encodeContext(context: ChangeContext | undefined): string | undefined {
  const entries = Object.entries(cleanContext(context)).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return undefined
  return Buffer.from(JSON.stringify(Object.fromEntries(entries))).toString('base64url')
}
