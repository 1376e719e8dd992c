/*
 * Loads each configuration that is named on the command line, as the command line of the library does, and prints what
 * came of it as JSON: the names of its targets, or the error.
 */
import { loadConfig } from '../../src/config/load-config.ts'
import { messageOf } from '../../src/errors.ts'

const results: unknown[] = []
for (const path of process.argv.slice(2)) {
  try {
    const { targets } = await loadConfig(path)
    results.push(targets.map(({ name }) => name))
  } catch (error) {
    results.push(`${(error as { code?: string }).code} ${messageOf(error)}`)
  }
}
process.stdout.write(JSON.stringify(results))
