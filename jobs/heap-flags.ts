import { execArgv } from 'node:process'
import { setFlagsFromString } from 'node:v8'

/** A setting of V8, and the options of Node that say that somebody else has decided about the same. */
interface HeapFlag {
  readonly flag: string
  readonly unless: readonly string[]
}

/**
 * A worker's heap is small and what it allocates is short-lived, so that V8's defaults, made for speed on a machine with
 * memory to spare, cost it hundreds of megabytes and buy it nothing (measured, see docs/benchmarks.md).
 */
const HEAP_FLAGS: readonly HeapFlag[] = [
  // The young generation stays at its first size; it would grow to 128 MB in a batch and shrink after minutes of rest.
  {
    flag: '--semi-space-growth-factor=1',
    unless: ['--semi-space-growth-factor', '--max-semi-space-size', '--min-semi-space-size'],
  },
  // The old generation is collected when it has grown by half since the last time, instead of up to fourfold.
  { flag: '--heap-growing-percent=50', unless: ['--heap-growing-percent'] },
  // Prisma compiles queries in WebAssembly, seldom: V8's optimizing compiler takes 35 MB and more time than it saves.
  { flag: '--wasm-tiering-budget=1000000000', unless: ['--wasm-tiering-budget', '--no-wasm-tier-up'] },
]

/**
 * Which settings a process takes.
 * @param given options that Node was started with, of the command line and of NODE_OPTIONS
 */
export function heapFlags(given: readonly string[]): string[] {
  // V8 takes underscores for hyphens.
  const names = new Set(given.map((option) => option.replace(/=.*/s, '').replaceAll('_', '-')))
  return HEAP_FLAGS.filter(({ unless }) => !unless.some((name) => names.has(name))).map(({ flag }) => flag)
}

/** Keeps the memory of this process small. To be called before it has allocated much. */
export function keepHeapSmall(): void {
  const given = [...execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)]
  for (const flag of heapFlags(given)) setFlagsFromString(flag)
}
