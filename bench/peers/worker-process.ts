import { argv, env } from 'node:process'
import { loadPeer } from './index.ts'
import type { Place, Purpose } from './peer.ts'
import { PeerSheet } from './peer-sheet.ts'

/*
 * A peer's worker as a process of its own: worker-process.ts PEER PURPOSE [TOLD_EVERY], the place as JSON in PEER_PLACE.
 * It tells its parent when it looks for jobs, after its first job and after every TOLD_EVERY jobs.
 */

/** What a worker process tells its parent. */
export type WorkerMessage = { readonly ready: true } | { readonly done: number; readonly at: number }

const [, , name = '', purpose = 'sheet', toldEvery = '0'] = argv
const place = JSON.parse(env.PEER_PLACE ?? '') as Place
const tell = (message: WorkerMessage) => process.send?.(message)

const sheet = purpose === 'sheet' ? new PeerSheet(place) : undefined
const every = Number(toldEvery)
let done = 0
const peer = await loadPeer(name)
const worker = await peer.startWorker(
  place,
  async (iata) => {
    await sheet?.write(iata)
    done++
    if (every > 0 && (done === 1 || done % every === 0)) tell({ done, at: Date.now() })
  },
  purpose as Purpose,
)
tell({ ready: true })
let isLeaving = false
const gone = (error?: unknown) => {
  if (isLeaving) return
  process.stderr.write(`the worker works no more: ${String(error ?? 'it stopped by itself')}\n`)
  process.exit(1)
}
worker.ended?.then(() => gone(), gone)

const leave = async () => {
  isLeaving = true
  await worker.stop()
  await sheet?.close()
  process.exit(0)
}
process.once('SIGTERM', leave)
// A benchmark that is gone needs no worker.
process.once('disconnect', () => process.exit(0))
