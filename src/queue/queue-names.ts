/** Names of the library's queues in pg-boss. */
export const QUEUES = {
  writeBack: 'sync.write-back',
  writeBackDead: 'sync.write-back.dead',
  related: 'sync.related',
  inbound: 'sync.inbound',
  inboundDead: 'sync.inbound.dead',
  pull: 'sync.pull',
  cleanup: 'sync.cleanup',
  recover: 'sync.recover',
  reconcile: 'sync.reconcile',
} as const
