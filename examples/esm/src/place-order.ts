import { runWithContext } from 'prisma-writeback'
import { prisma } from './prisma.js'

const [number = '', total = ''] = process.argv.slice(2)

const order = await runWithContext({ userId: 'ada' }, () =>
  prisma.order.upsert({ where: { number }, create: { number, total }, update: { total } }),
)
console.log(`order ${order.number}: ${order.total}`)
await prisma.$disconnect()
