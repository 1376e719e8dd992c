import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PlannedChange } from './change.ts'
import type { Project } from './project.ts'

const PROCESSES = { release: 'npx writeback migrate', worker: 'npx writeback worker' }

/**
 * Plans the Procfile's lines. A process type that is there is left as it is.
 * @returns the change, and what somebody has to put into process types that are there already
 */
export function planProcfile({ root }: Project): { change: PlannedChange; byHand: string[] } {
  const path = join(root, 'Procfile')
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null
  const lines = (before ?? '').split('\n')
  const missing: string[] = []
  const byHand: string[] = []
  for (const [type, command] of Object.entries(PROCESSES)) {
    const line = lines.find((one) => one.startsWith(`${type}:`))
    if (line === undefined) missing.push(`${type}: ${command}`)
    else if (!/\bwriteback (migrate|worker)\b/.test(line)) {
      byHand.push(
        `The Procfile has "${type}:" for something else: run "${command}" as well, there or elsewhere.`,
      )
    }
  }
  const action = missing.length === 0 ? 'unchanged' : before === null ? 'create' : 'append'
  const text = `${missing.join('\n')}\n`
  // Process types stand line below line, without the empty one that other files get.
  const gap = before === null || before === '' || before.endsWith('\n') ? '' : '\n'
  return {
    change: {
      path: 'Procfile',
      action,
      note: action === 'unchanged' ? 'has both process types' : 'the release step and the worker',
      before,
      added: missing.length === 0 ? '' : gap + text,
    },
    byHand,
  }
}
