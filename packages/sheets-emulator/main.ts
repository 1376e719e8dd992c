#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { startEmulator } from './index.ts'

const USAGE = `usage: sheets-emulator [--port N] [--host ADDRESS] [--data FILE] [--quota-per-minute N] [--latency MS]

  --port N               port to listen on, 0 for a free one (default 4010)
  --host ADDRESS         address to listen on (default 127.0.0.1)
  --data FILE            keep the spreadsheets in this file (default: in memory only)
  --quota-per-minute N   calls a minute for each user, reads and writes apart; five times that for all (default none)
  --latency MS           time each call takes at least (default 0)
`

/** Ends the process with status 2 and says what is wrong. */
function refuse(problem: string): never {
  process.stderr.write(`sheets-emulator: ${problem}\n\n${USAGE}`)
  process.exit(2)
}

function number(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > max)
    refuse(`--${name}: expected a whole number from 0 to ${max}, got "${text}"`)
  return value
}

function parse() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        data: { type: 'string' },
        'quota-per-minute': { type: 'string' },
        latency: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const args = parse()
if (args.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}
const quota = number('quota-per-minute', args['quota-per-minute'], 1_000_000)
try {
  const emulator = await startEmulator({
    port: number('port', args.port, 65_535) ?? 4010,
    host: args.host,
    dataFile: args.data,
    latencyMs: number('latency', args.latency, 600_000),
    quota: quota ? { perUser: quota, perProject: 5 * quota } : undefined,
  })
  const stop = async (): Promise<void> => {
    await emulator.close()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.stdout.write(`sheets-emulator ready at ${emulator.url}\n`)
} catch (error) {
  process.stderr.write(`sheets-emulator: ${error instanceof Error ? error.message : error}\n`)
  process.exit(1)
}
