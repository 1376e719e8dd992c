import type { Peer } from './peer.ts'

/*
 * Every way that is compared, this project's two last. Each is loaded by itself: a worker's memory is not to be that of
 * its rivals.
 */
const LOADERS: Readonly<Record<string, () => Promise<Peer>>> = {
  outbox: async () => (await import('./outbox.ts')).outbox,
  pg_boss: async () => (await import('./pg-boss.ts')).pgBoss,
  graphile_worker: async () => (await import('./graphile-worker.ts')).graphileWorker,
  bullmq: async () => (await import('./bullmq.ts')).bullmq,
  writeback_extension: async () => (await import('./writeback.ts')).extension,
  writeback_trigger: async () => (await import('./writeback.ts')).trigger,
}

/** The names of all peers, this project's two last. */
export const PEER_NAMES: readonly string[] = Object.keys(LOADERS)

/** @throws {Error} when there is none of that name */
export function loadPeer(name: string): Promise<Peer> {
  const load = LOADERS[name]
  if (!load) throw new Error(`no peer "${name}": ${PEER_NAMES.join(', ')}`)
  return load()
}

/** Loads the peers of these names that can run here, and says on stderr which cannot, and why. */
export async function availablePeers(names: readonly string[]): Promise<readonly Peer[]> {
  const available: Peer[] = []
  for (const name of names) {
    const peer = await loadPeer(name)
    const why = await peer.unavailable()
    if (why === null) available.push(peer)
    else process.stderr.write(`${name} is left out: ${why}\n`)
  }
  return available
}
