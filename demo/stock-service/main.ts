import { parseArgs } from 'node:util'
import { startStockService } from './service.ts'

const USAGE = `node demo/stock-service/main.ts [--port N] [--file PATH]

  --port N     any free one without
  --file PATH  where it keeps its articles; in memory without
`

const { values } = parseArgs({
  options: { port: { type: 'string' }, file: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const service = await startStockService({ port: Number(values.port ?? 0), file: values.file })
process.stdout.write(`stock service at ${service.url}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void service.close().then(() => process.exit(0)))
