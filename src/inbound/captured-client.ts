import type { Logger } from 'pino'
import { extensionNames } from '../capture/extension/every-call.ts'
import { writeback } from '../capture/extension/extension.ts'
import type { SeamClient } from '../capture/extension/seam.ts'
import type { WritebackConfig } from '../config/define-config.ts'

/**
 * The client with which edits are written: every target hears of them, by triggers or by the extension, which the
 * application has put into the client or which is added here.
 * @param client what `client` of the configuration made, before it has connected
 */
export function capturedClient(client: object, config: WritebackConfig, log: Logger): SeamClient {
  if (extensionNames(client).includes('prisma-writeback')) return client as SeamClient
  return (client as { $extends(extension: object): SeamClient }).$extends(writeback(config, { log }))
}
