import { once } from 'node:events'
import { argv, env } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadPeer } from './index.ts'
import { carryOut, operationsOf } from './measure/operations.ts'
import type { Place } from './peer.ts'

/*
 * An application as a process of its own, that may be killed: app-process.ts PEER SEED COUNT FROM PER_SECOND, the place as
 * JSON in PEER_PLACE. The first one waits for its parent's word. It tells each operation that it begins, and when it
 * has done the last.
 */

/** What an application process tells its parent. */
export type AppMessage = { readonly ready: true } | { readonly began: number } | { readonly finished: true }

const [, , name = '', seed = '1', count = '0', from = '0', perSecond = '1'] = argv
const place = JSON.parse(env.PEER_PLACE ?? '') as Place
const tell = (message: AppMessage) => process.send?.(message)

const peer = await loadPeer(name)
const app = await peer.openApp(place)
const operations = operationsOf(Number(seed), Number(count))
// The first operation is not to wait for a connection.
await carryOut(app, { kind: 'update', iata: 'none', name: '' }).catch(() => {})
tell({ ready: true })
if (from === '0') await once(process, 'message')

// While Postgres is away nobody works: operations that all fail would leave nothing to compare.
let isHeld = false
let held = 0
process.on('message', (message: { hold?: boolean }) => {
  if (message.hold !== undefined) isHeld = message.hold
})

const gap = 1000 / Number(perSecond)
const started = performance.now()
const underWay: Promise<void>[] = []
for (let at = Number(from); at < operations.length; at++) {
  const due = started + held + (at - Number(from)) * gap
  // Also when it is behind: messages are to be heard.
  await sleep(Math.max(0, due - performance.now()))
  const holding = performance.now()
  while (isHeld) await sleep(20)
  held += performance.now() - holding
  const operation = operations[at]
  if (!operation) continue
  tell({ began: at })
  // An operation that fails is shown to a person, who may try again: the application goes on.
  underWay.push(carryOut(app, operation).catch(() => {}))
}
await Promise.all(underWay)
await app.close().catch(() => {})
tell({ finished: true })
process.exit(0)
