import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Benchmark, Measurement } from './measurement.ts'

const FRAME = new Set(['main.ts', 'measurement.ts', 'steady-load.ts'])
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !FRAME.has(file))
  .map((file) => file.replace(/\.ts$/, ''))

const OPTIONS = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

const [name] = parseArgs({ allowPositionals: true, strict: false, options: OPTIONS }).positionals
const benchmark =
  name !== undefined && names.includes(name) ? ((await import(`./${name}.ts`)) as Benchmark) : undefined
const { values: options } = parseArgs({
  allowPositionals: true,
  options: { ...benchmark?.options, ...OPTIONS },
})
if (options.help || benchmark === undefined) {
  const wrong = name !== undefined && benchmark === undefined
  const own = Object.keys(benchmark?.options ?? {})
    .map((option) => ` [--${option} ...]`)
    .join('')
  process.stderr.write(
    `${wrong ? `no benchmark "${name}"\n` : ''}npm run bench -- NAME [--json]${own}, NAME: ${names.join(', ')}\n`,
  )
  process.exit(options.help ? 0 : 2)
}

let missed = 0
if (!options.json) {
  process.stdout.write(
    `${name}: node ${process.version}, ${availableParallelism()} cores. Compare ratios, not absolutes.\n`,
  )
}
for await (const measurement of benchmark.run(options)) {
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
