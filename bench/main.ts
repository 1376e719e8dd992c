import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Benchmark, Measurement } from './measurement.ts'

const FRAME = new Set(['main.ts', 'measurement.ts'])
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !FRAME.has(file))
  .map((file) => file.replace(/\.ts$/, ''))

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})
const [name] = positionals
if (options.help || name === undefined || !names.includes(name)) {
  const wrong = name !== undefined && !names.includes(name)
  process.stderr.write(
    `${wrong ? `no benchmark "${name}"\n` : ''}npm run bench -- NAME [--json], NAME: ${names.join(', ')}\n`,
  )
  process.exit(options.help ? 0 : 2)
}

const benchmark = (await import(`./${name}.ts`)) as Benchmark
let missed = 0
if (!options.json) {
  process.stdout.write(
    `${name}: node ${process.version}, ${availableParallelism()} cores. Compare ratios, not absolutes.\n`,
  )
}
for await (const measurement of benchmark.run()) {
  if (measurement.met === false) missed++
  process.stdout.write(`${options.json ? JSON.stringify(measurement) : line(measurement)}\n`)
}
process.exit(missed > 0 ? 1 : 0)

function line({ metric, value, unit, baseline, ratio, goal, met }: Measurement): string {
  const figure = `${metric.padEnd(44)} ${String(value).padStart(10)} ${unit.padEnd(10)}`
  const beside = baseline === null ? '' : ` ${ratio} x of ${baseline}`
  const verdict = goal === null ? '' : ` goal ${goal}: ${met ? 'met' : 'MISSED'}`
  return `${figure}${beside}${verdict}`
}
