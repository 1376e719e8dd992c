import { placeOrder } from './orders.js'
import { prisma } from './prisma.js'

const [number = '', total = ''] = process.argv.slice(2)

const order = await placeOrder(number, total)
console.log(`order ${order.number}: ${order.total}`)
await prisma.$disconnect()
