import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The root of the workspaces (pnpm's, npm's, yarn's or bun's) that a package belongs to; undefined for one that stands
 * alone.
 */
export function workspaceRoot(packageFolder: string): string | undefined {
  for (let folder = dirname(packageFolder); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) || hasWorkspaces(join(folder, 'package.json'))) {
      return folder
    }
    if (folder === dirname(folder)) return undefined
  }
}

function hasWorkspaces(path: string): boolean {
  if (!existsSync(path)) return false
  try {
    return JSON.parse(readFileSync(path, 'utf8')).workspaces !== undefined
  } catch {
    return false
  }
}
