import { parseArgs } from 'node:util'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { byExtension, byTriggers } from './capture-modes.ts'
import { report } from './report.ts'
import { type Capture, runDifferential } from './run.ts'
import { withGeneratedSchema } from './schemas/folder.ts'

const USAGE = `npm run differential -- --schema path/to/schema.prisma [--seed 1] [--ops 2000] [--mode trigger|extension|both]
npm run differential -- --generated [--seed 1] [--seeds 20] [--ops 2000] [--mode both]

Makes an application of the schema in a Postgres of its own, issues random operations through Prisma Client, and
compares which records changed with which were published. Ends with status 1 when a change was missed without a
report, and with triggers also when one was published without need. --seed repeats a run. --generated makes the schema
from the seed as well: every kind of key and relation, shared columns, odd names, views, generated columns.`

const { values } = parseArgs({
  options: {
    schema: { type: 'string', default: 'prisma/schema' },
    generated: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    ops: { type: 'string', default: '2000' },
    mode: { type: 'string', default: 'trigger' },
    help: { type: 'boolean', short: 'h' },
  },
})
const [first, seeds, operations] = [Number(values.seed), Number(values.seeds), Number(values.ops)]
const MODES: Readonly<Record<string, readonly Capture[]>> = {
  trigger: [byTriggers],
  extension: [byExtension],
  both: [byTriggers, byExtension],
}
const captures = MODES[values.mode]
if (values.help || !captures || ![first, seeds, operations].every(Number.isSafeInteger)) {
  console.error(USAGE)
  process.exit(values.help ? 0 : 2)
}

/** @returns whether nothing was missed in silence, and nothing published without need */
async function isExact(
  postgres: EmbeddedPostgres,
  schema: string,
  seed: number,
  capture: Capture,
): Promise<boolean> {
  const url = await postgres.createDatabase(`differential_${capture.mode}_${seed}`)
  const result = await runDifferential({ schema, url, seed, operations, capture })
  console.log(`${capture.mode} ${report(result)}\n`)
  const missed = result.missed.filter((one) => !one.reported)
  // The extension cannot tell an update that changes nothing from one that does.
  const superfluous = capture.mode === 'trigger' ? result.superfluous.length : 0
  return missed.length + superfluous === 0
}

const postgres = await startEmbeddedPostgres({ fsync: false })
const failed: string[] = []
try {
  for (let seed = first; seed < first + seeds; seed++) {
    const run = async (schema: string) => {
      for (const capture of captures) {
        if (!(await isExact(postgres, schema, seed, capture))) failed.push(`${capture.mode} ${seed}`)
      }
    }
    if (values.generated) await withGeneratedSchema(seed, run)
    else await run(values.schema)
  }
} finally {
  await postgres.stop()
}
if (failed.length > 0) console.log(`not exact: ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0
