import { parseArgs } from 'node:util'
import { startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { byExtension, byTriggers } from './capture-modes.ts'
import { report } from './report.ts'
import { runDifferential } from './run.ts'

const USAGE = `npm run differential -- --schema path/to/schema.prisma [--seed 1] [--ops 2000] [--mode trigger|extension]

Makes an application of the schema in a Postgres of its own, issues random operations through Prisma Client, and
compares which records changed with which were published. Ends with status 1 when a change was missed without a
report, and with triggers also when one was published without need. --seed repeats a run.`

const { values } = parseArgs({
  options: {
    schema: { type: 'string', default: 'prisma/schema' },
    seed: { type: 'string', default: '1' },
    ops: { type: 'string', default: '2000' },
    mode: { type: 'string', default: 'trigger' },
    help: { type: 'boolean', short: 'h' },
  },
})
const [seed, operations] = [Number(values.seed), Number(values.ops)]
const capture = { trigger: byTriggers, extension: byExtension }[values.mode]
if (values.help || !capture || !Number.isSafeInteger(seed) || !Number.isSafeInteger(operations)) {
  console.error(USAGE)
  process.exit(values.help ? 0 : 2)
}

const postgres = await startEmbeddedPostgres({ fsync: false })
try {
  const url = await postgres.createDatabase('differential')
  const result = await runDifferential({ schema: values.schema, url, seed, operations, capture })
  console.log(`${report(result)}`)
  const missed = result.missed.filter((one) => !one.reported)
  // The extension cannot tell an update that changes nothing from one that does.
  const superfluous = values.mode === 'trigger' ? result.superfluous.length : 0
  process.exitCode = missed.length + superfluous > 0 ? 1 : 0
} finally {
  await postgres.stop()
}
