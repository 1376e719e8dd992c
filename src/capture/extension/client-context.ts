import type { Logger } from 'pino'
import { noteContextCarrier } from '../../change/context-carriers.ts'
import type { CaptureMode } from './capture-mode.ts'
import { addContextComment } from './context-comment.ts'
import { carryContext } from './statement-context.ts'

/**
 * Sees to it that the triggers' jobs have the context of `runWithContext`: a comment is added to the statements of the
 * client. Where that does not work, a warning says so: who changed what is never lost in silence.
 *
 * @param client what is extended
 * @param mode tells whether triggers capture
 */
export function giveContextToTriggers(
  client: object,
  mode: Pick<CaptureMode, 'triggers'>,
  log: Logger,
): void {
  noteContextCarrier()
  addContextComment(client, () => mode.triggers !== 'no')
  let hasWarned = false
  const onLost = () => {
    if (hasWarned || mode.triggers !== 'yes') return
    hasWarned = true
    log.warn(
      { code: 'CONTEXT_LOST' },
      'a write had a context, and its statement does not carry it to the triggers, because the client had connected before it was extended: expected new PrismaClient({ adapter, comments: [writebackContext()] }), or a client that is extended when it is made',
    )
  }
  if (carryContext(client, onLost)) return
  log.warn(
    { code: 'PRISMA_SEAM_CHANGED' },
    'this version of Prisma Client does not let statements carry a context: jobs of triggers have none',
  )
}
