import { runWithContext } from 'prisma-writeback'
import { prisma } from './prisma.js'

/** Places an order, or changes its total. */
export function placeOrder(number: string, total: string) {
  const write = { where: { number }, create: { number, total }, update: { total } }
  return runWithContext({ userId: 'ada' }, () => prisma.order.upsert(write))
}
