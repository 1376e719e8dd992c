import { pino } from 'pino'
import { expect, it } from 'vitest'
import { comparisons } from '../../jobs/comparisons.ts'
import { until } from '../support/wait.ts'

const log = pino({ level: 'silent' })

/** A queue that takes nothing while the database is away. */
function setQueue(isAway: boolean) {
  const database = { isAway }
  const asked: string[] = []
  const taken: string[] = []
  const queue = async (target: string) => {
    asked.push(target)
    if (database.isAway) throw new Error('Connection terminated')
    taken.push(target)
  }
  return { database, asked, taken, queue }
}

it('a comparison that cannot be queued is queued when the database is back, once', async () => {
  const { database, asked, taken, queue } = setQueue(true)
  const compare = comparisons(queue, log, new AbortController().signal, 10)
  compare('airports', 'columns were added')
  await until('it has been tried again', () => asked.length >= 2)
  compare('airports', 'rows were moved')
  database.isAway = false
  await until('it is queued', () => taken.length > 0)
  expect(taken).toEqual(['airports'])
})

it('one that is asked for while another is being queued is queued too', async () => {
  const { taken, queue } = setQueue(false)
  const compare = comparisons(queue, log, new AbortController().signal, 10)
  compare('airports', 'a')
  compare('airports', 'b')
  compare('requests', 'c')
  await until('all are queued', () => taken.length === 3)
  expect(taken.toSorted()).toEqual(['airports', 'airports', 'requests'])
})

it('is given up when the worker leaves', async () => {
  const { asked, queue } = setQueue(true)
  const leaving = new AbortController()
  const compare = comparisons(queue, log, leaving.signal, 60_000)
  compare('airports', 'columns were added')
  await until('it has been tried', () => asked.length === 1)
  leaving.abort()
  await until('it is tried a last time', () => asked.length === 2)
})
