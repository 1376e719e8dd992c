import { pino } from 'pino'
import { expect, it } from 'vitest'
import { comparisons } from '../../jobs/comparisons.ts'
import { until } from '../support/wait.ts'

const log = pino({ level: 'silent' })

/** A queue that takes nothing before `failures` attempts. */
function queueOf(failures: number) {
  const asked: string[] = []
  const taken: string[] = []
  const queue = async (target: string) => {
    asked.push(target)
    if (asked.length <= failures) throw new Error('Connection terminated')
    taken.push(target)
  }
  return { asked, taken, queue }
}

it('a comparison that cannot be queued is queued when the database is back, once', async () => {
  const { asked, taken, queue } = queueOf(3)
  const compare = comparisons(queue, log, new AbortController().signal, 10)
  compare('airports', 'columns were added')
  await until('it has been tried', () => asked.length === 2)
  compare('airports', 'rows were moved')
  await until('it is queued', () => taken.length > 0)
  expect(taken).toEqual(['airports'])
  expect(asked).toHaveLength(4)
})

it('one that is asked for while another is being queued is queued too', async () => {
  const { taken, queue } = queueOf(0)
  const compare = comparisons(queue, log, new AbortController().signal, 10)
  compare('airports', 'a')
  compare('airports', 'b')
  compare('requests', 'c')
  await until('all are queued', () => taken.length === 3)
  expect(taken.toSorted()).toEqual(['airports', 'airports', 'requests'])
})

it('is given up when the worker leaves', async () => {
  const { asked, queue } = queueOf(1_000)
  const leaving = new AbortController()
  const compare = comparisons(queue, log, leaving.signal, 60_000)
  compare('airports', 'columns were added')
  await until('it has been tried', () => asked.length === 1)
  leaving.abort()
  await until('it is tried a last time', () => asked.length === 2)
  compare('airports', 'rows were moved')
  expect(asked).toHaveLength(3)
})
