import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { heapFlags } from '../../jobs/heap-flags.ts'

const run = promisify(execFile)

/** Runs an ES module text in a process of its own. */
function evaluate(
  text: string,
  options: readonly string[] = [],
): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [...options, '--input-type=module', '--eval', text], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
}

/** Lets far more live and die than a young generation takes, then says how large that became, in MB. */
const YOUNG_GENERATION = `
  import { getHeapSpaceStatistics } from 'node:v8'
  import { keepHeapSmall } from './jobs/heap-flags.ts'
  keepHeapSmall()
  const kept = []
  let most = 0
  for (let round = 0; round < 60; round++) {
    kept.push(Array.from({ length: 20_000 }, (_, at) => ({ round, at, text: 'x' + at })))
    if (kept.length > 5) kept.shift()
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    most = Math.max(most, young.physical_space_size)
  }
  console.log(most / 1_000_000)
`

describe('the settings of V8', () => {
  it('are all taken when nobody has decided', () => {
    expect(heapFlags([])).toEqual([
      '--semi-space-growth-factor=1',
      '--heap-growing-percent=50',
      '--wasm-tiering-budget=1000000000',
    ])
    expect(heapFlags(['--enable-source-maps', '--max-old-space-size=300'])).toHaveLength(3)
  })

  it('leave alone what somebody has decided, on the command line or in NODE_OPTIONS', () => {
    expect(heapFlags(['--max-semi-space-size=16'])).not.toContain('--semi-space-growth-factor=1')
    expect(heapFlags(['--max_semi_space_size=16'])).not.toContain('--semi-space-growth-factor=1')
    expect(heapFlags(['--heap-growing-percent', '100'])).not.toContain('--heap-growing-percent=50')
    expect(heapFlags(['--no-wasm-tier-up'])).not.toContain('--wasm-tiering-budget=1000000000')
  })

  it('are known to this V8, and keep the young generation small', async () => {
    const { stdout, stderr } = await evaluate(YOUNG_GENERATION)
    expect(stderr).toBe('')
    const other = await evaluate(YOUNG_GENERATION, ['--max-semi-space-size=16'])
    expect(Number(stdout)).toBeLessThan(Number(other.stdout) / 2)
  })
})

describe('the worker', () => {
  it('loads one API of googleapis, for a sheet only, and nothing that only people at a terminal need', async () => {
    const { stdout } = await evaluate(`
      import { registerHooks } from 'node:module'
      const loaded = new Set()
      registerHooks({ load: (url, context, next) => (loaded.add(url), next(url, context)) })
      await import('./jobs/worker.ts')
      const withoutSheets = [...loaded]
      const { sheetKind } = await import('./src/targets/sheet/kind.ts')
      const environment = { variables: { SHEETS_API_URL: 'http://127.0.0.1:9' } }
      await sheetKind.open({ environment, schemas: { library: 'public' }, locks: {} })
      console.log(JSON.stringify({ withoutSheets, loaded: [...loaded] }))
    `)
    const { withoutSheets, loaded } = JSON.parse(stdout) as Record<'withoutSheets' | 'loaded', string[]>
    expect(withoutSheets.some((url) => url.includes('/jobs/write-back.ts'))).toBe(true)
    expect(withoutSheets.filter((url) => url.includes('/googleapis/'))).toEqual([])
    expect(loaded.some((url) => url.includes('/googleapis/build/src/apis/sheets/'))).toBe(true)
    expect(loaded.filter((url) => /\/apis\/(?!sheets\/)|googleapis\/build\/src\/index/.test(url))).toEqual([])
    const notNeeded = /node_modules\/(pino-pretty|commander|cli-table3|prisma|@pg-boss\/dashboard)\//
    expect(loaded.filter((url) => notNeeded.test(url))).toEqual([])
  })
})
