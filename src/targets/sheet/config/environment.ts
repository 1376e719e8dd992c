import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { readVariables, wholeNumber, wrongVariable } from '../../../config/variables.ts'
import type { WritebackError } from '../../../errors.ts'
import { type GoogleCredentials, readServiceAccount } from './service-account.ts'

/** The variables of the environment that sheets need. */
export const SHEET_VARIABLES = {
  GOOGLE_SERVICE_ACCOUNT_JSON: {
    schema: z.string().optional(),
    expected: "the text of a service account's key file",
    example: '{"type":"service_account","client_email":"...","private_key":"..."}',
  },
  GOOGLE_APPLICATION_CREDENTIALS: {
    schema: z.string().optional(),
    expected: "the path of a service account's key file",
    example: '/app/service-account.json',
  },
  SHEETS_API_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    expected: 'the root of another Sheets API',
    example: 'http://127.0.0.1:4010/',
  },
  SHEETS_READS_PER_MINUTE: {
    schema: wholeNumber(1, 100_000).default(60),
    expected: 'the read quota of the Google user, requests per minute',
    example: '60',
  },
  SHEETS_WRITES_PER_MINUTE: {
    schema: wholeNumber(1, 100_000).default(60),
    expected: 'the write quota of the Google user, requests per minute',
    example: '60',
  },
} as const

/** Requests per minute that Google allows a service account. */
export interface SheetQuota {
  readonly readsPerMinute: number
  readonly writesPerMinute: number
}

/** How sheets are reached. */
export interface SheetEnvironment {
  /** The service account, or null where no credentials are set (only with another API root). */
  readonly google: GoogleCredentials | null
  /** Another root of the Sheets API, or null for Google's. */
  readonly sheetsApiUrl: string | null
  readonly quota: SheetQuota
}

type Source = Readonly<Record<string, string | undefined>>

/**
 * Reads what sheets need of the environment.
 * @throws WritebackError `ENV_INVALID` that names the first variable that is wrong, or the credentials where none are set
 */
export function readSheetEnvironment(source: Source): SheetEnvironment {
  const variables = readVariables(SHEET_VARIABLES, source)
  const google = readCredentials(variables)
  if (google === null && variables.SHEETS_API_URL === undefined) {
    const { expected, example } = SHEET_VARIABLES.GOOGLE_SERVICE_ACCOUNT_JSON
    throw wrongVariable(
      'GOOGLE_SERVICE_ACCOUNT_JSON',
      {
        expected: `${expected} (or GOOGLE_APPLICATION_CREDENTIALS, or SHEETS_API_URL for an emulator)`,
        example,
      },
      'nothing',
    )
  }
  return { google, sheetsApiUrl: variables.SHEETS_API_URL ?? null, quota: quotaOf(variables) }
}

/** Reads the quota alone, for what talks to the database only. @throws WritebackError `ENV_INVALID` */
export function readSheetQuota(source: Source): SheetQuota {
  const { SHEETS_READS_PER_MINUTE, SHEETS_WRITES_PER_MINUTE } = SHEET_VARIABLES
  return quotaOf(readVariables({ SHEETS_READS_PER_MINUTE, SHEETS_WRITES_PER_MINUTE }, source))
}

function quotaOf(variables: {
  SHEETS_READS_PER_MINUTE: number
  SHEETS_WRITES_PER_MINUTE: number
}): SheetQuota {
  return {
    readsPerMinute: variables.SHEETS_READS_PER_MINUTE,
    writesPerMinute: variables.SHEETS_WRITES_PER_MINUTE,
  }
}

type CredentialName = 'GOOGLE_SERVICE_ACCOUNT_JSON' | 'GOOGLE_APPLICATION_CREDENTIALS'

function readCredentials(
  variables: { [Name in CredentialName]?: string | undefined },
): GoogleCredentials | null {
  const inline = variables.GOOGLE_SERVICE_ACCOUNT_JSON
  const path = variables.GOOGLE_APPLICATION_CREDENTIALS
  if (inline !== undefined) return credentialsIn('GOOGLE_SERVICE_ACCOUNT_JSON', inline)
  return path === undefined ? null : credentialsIn('GOOGLE_APPLICATION_CREDENTIALS', readKeyFile(path))
}

function credentialsIn(name: CredentialName, text: string): GoogleCredentials {
  const account = readServiceAccount(text)
  if ('got' in account) throw wrong(name, account.got)
  return account
}

/** Why a file cannot be read, by the code of the error. The path is not shown: the key itself may have been put there. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'a path where there is no file',
  EISDIR: 'the path of a folder',
  EACCES: 'the path of a file that this user may not read',
  EPERM: 'the path of a file that this user may not read',
  ENAMETOOLONG: 'a text that is no path',
}

function readKeyFile(path: string): string {
  const given = path.trim()
  const refuse = (got: string) => wrong('GOOGLE_APPLICATION_CREDENTIALS', got)
  if (/^["'\\]*\{|-----BEGIN/.test(given)) {
    throw refuse("the key file's text, which belongs into GOOGLE_SERVICE_ACCOUNT_JSON")
  }
  if (given.startsWith('~')) throw refuse('a path with ~, which only a shell understands')
  try {
    return readFileSync(given, 'utf8')
  } catch (error) {
    const got = UNREADABLE[(error as NodeJS.ErrnoException).code ?? ''] ?? 'a path that cannot be read'
    throw refuse(isAbsolute(given) ? got : `${got}, seen from ${process.cwd()}`)
  }
}

function wrong(name: CredentialName, got: string): WritebackError {
  return wrongVariable(name, SHEET_VARIABLES[name], got)
}
