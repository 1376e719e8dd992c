import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VARIABLES } from '../src/config/environment.ts'
import { findPrismaCli, readPrismaConfig } from '../src/config/prisma-project.ts'
import { messageOf, WritebackError } from '../src/errors.ts'
import { SHEET_VARIABLES } from '../src/targets/sheet/config/environment.ts'

const DATABASE = ['DATABASE_URL'] as const
/** One of them is enough. */
const GOOGLE = ['GOOGLE_SERVICE_ACCOUNT_JSON', 'GOOGLE_APPLICATION_CREDENTIALS', 'SHEETS_API_URL'] as const

/** Commands that talk to Google as well. */
const TALK_TO_GOOGLE = ['worker', 'doctor', 'show']

/**
 * Where a variable that a command needs is not set, reads prisma.config.ts: what that reads into the environment, such as
 * a `.env` file with `import 'dotenv/config'`, is then there for this process as it is for Prisma. Variables that are set
 * stay as they are.
 *
 * @param command name of the command
 * @throws WritebackError `ENV_INVALID` where a `.env` file has the variable, and nothing reads that file
 */
export async function readDotEnvAsPrismaDoes(command: string, root = process.cwd()): Promise<void> {
  const needed = [DATABASE, ...(TALK_TO_GOOGLE.includes(command) ? [GOOGLE] : [])]
  const lacks = () => needed.filter((names) => !names.some((name) => process.env[name]))
  if (lacks().length === 0) return
  const trouble = await runPrismaConfig(root)
  for (const names of lacks()) {
    const name = names.find((one) => isInDotEnv(root, one))
    if (name === undefined) continue
    throw new WritebackError('ENV_INVALID', {
      problem: `environment variable ${name}`,
      expected: { ...VARIABLES, ...SHEET_VARIABLES }[name].expected,
      got: `nothing: it is in .env, which ${trouble ?? 'nothing reads'}`,
      remedy:
        "Begin prisma.config.ts with: import 'dotenv/config', or start with: node --env-file=.env node_modules/prisma-writeback/bin/writeback.cjs",
    })
  }
}

/** Runs prisma.config.ts for what it does to the environment; says why it could not. */
async function runPrismaConfig(root: string): Promise<string | undefined> {
  let cli: string
  try {
    cli = findPrismaCli(root)
  } catch {
    return 'would be read as prisma.config.ts says, and the Prisma CLI is not installed'
  }
  try {
    await readPrismaConfig(root, cli)
    return undefined
  } catch (error) {
    const why = error instanceof WritebackError ? error.got : messageOf(error)
    // It may want a variable that nobody has set, after it has read those that there are.
    return `is not read: prisma.config.ts fails with "${why}"`
  }
}

function isInDotEnv(root: string, name: string): boolean {
  const path = join(root, '.env')
  if (!existsSync(path)) return false
  return new RegExp(`^\\s*(export\\s+)?${name}\\s*=\\s*\\S`, 'm').test(readFileSync(path, 'utf8'))
}
