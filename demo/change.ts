import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../prisma/generated/client/client.ts'
import { runWithContext, writeback } from '../src/index.ts'
import config from './writeback.config.ts'

/*
 * Gives an airport of the running demo another name, as an application would: look at its row meanwhile.
 * The demo prints the command, with the file of its variables.
 */

const [iata, name] = process.argv.slice(2)
if (iata === undefined || name === undefined) {
  process.stderr.write("expected an airport and its new name, e.g. LAX 'Los Angeles'\n")
  process.exit(2)
}
const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 })
const prisma = new PrismaClient({ adapter }).$extends(writeback(config))
try {
  const { count } = await runWithContext({ userId: 'you', correlationId: 'by-hand' }, () =>
    prisma.airport.updateMany({ where: { iata }, data: { name } }),
  )
  process.stdout.write(count === 0 ? `there is no airport ${iata}\n` : `${iata} is named ${name} now\n`)
  process.exitCode = count === 0 ? 1 : 0
} finally {
  await prisma.$disconnect()
}
