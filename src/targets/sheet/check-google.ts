import { randomInt } from 'node:crypto'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { error, type Finding, ok, warning } from '../finding.ts'
import { zoneOf } from './cells/zone.ts'
import type { SheetTarget } from './config/target.ts'
import { cellsUsed, figure, isNearlyFull, MAX_CELLS } from './google/cell-limit.ts'
import { classify, type SheetsFailure } from './google/failure.ts'

/** What the check of Google takes. */
export interface GoogleCheck {
  readonly sheets: sheets_v4.Sheets
  /** Address of the service account; null with another root of the API. */
  readonly email: string | null
}

const SHAPE_FIELDS =
  'spreadsheetId,properties.timeZone,sheets.properties(title,gridProperties(rowCount,columnCount))'

/** A call that takes longer has failed, in milliseconds. */
const TIMEOUT_MS = 20_000
/** Google refuses tokens of a clock that is further off, in milliseconds. */
const SKEW_MS = 5 * 60_000

/**
 * Reads and writes every configured spreadsheet. The write changes nothing: it adds an invisible note and takes it
 * away in the same batch. Two requests a spreadsheet, outside of the shared count.
 */
export async function checkGoogle(targets: readonly SheetTarget[], google: GoogleCheck): Promise<Finding[]> {
  const lanes = Map.groupBy(targets, (target) => target.spreadsheetId)
  const findings: Finding[] = []
  for (const [spreadsheetId, own] of lanes) {
    const subject = `sheet ${spreadsheetId.length > 16 ? `${spreadsheetId.slice(0, 12)}…` : spreadsheetId}`
    const names = own.map((target) => target.name).join(', ')
    findings.push(...(await checkSpreadsheet(google, spreadsheetId, subject, names)))
  }
  return findings
}

async function checkSpreadsheet(
  { sheets, email }: GoogleCheck,
  spreadsheetId: string,
  subject: string,
  names: string,
): Promise<Finding[]> {
  const options = { timeout: TIMEOUT_MS, retry: false }
  let answeredAt: string | null
  let shape: sheets_v4.Schema$Spreadsheet
  try {
    const response = await sheets.spreadsheets.get({ spreadsheetId, fields: SHAPE_FIELDS }, options)
    shape = response.data
    // The client declares the headers of an older version of itself.
    answeredAt = (response.headers as unknown as Headers).get('date')
  } catch (thrown) {
    return [failed(subject, 'read', classify(thrown), email)]
  }
  try {
    const metadataId = randomInt(2 ** 30, 2 ** 31 - 1)
    const requests = [
      {
        createDeveloperMetadata: {
          developerMetadata: {
            metadataId,
            metadataKey: 'prisma-writeback.doctor',
            location: { spreadsheet: true },
            visibility: 'DOCUMENT',
          },
        },
      },
      { deleteDeveloperMetadata: { dataFilter: { developerMetadataLookup: { metadataId } } } },
    ]
    await sheets.spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests } }, options)
  } catch (thrown) {
    return [failed(subject, 'written', classify(thrown), email)]
  }
  const written = ok(subject, `can be read and written (${names})`)
  return [written, ...room(subject, shape), ...timeZone(subject, shape), ...clock(answeredAt)]
}

/** A spreadsheet that is full takes no new record; making room is for people. */
function room(subject: string, shape: sheets_v4.Schema$Spreadsheet): Finding[] {
  const used = cellsUsed(shape)
  if (!isNearlyFull(used)) return []
  const message = `${figure(used)} of ${figure(MAX_CELLS)} cells are in use, blank ones included: when it is full, no record gets a row`
  return [
    warning(
      subject,
      message,
      'Delete blank columns and rows, or tabs that nobody needs, or give a target a spreadsheet of its own',
    ),
  ]
}

function timeZone(subject: string, { properties }: sheets_v4.Schema$Spreadsheet): Finding[] {
  const name = properties?.timeZone
  if (!name || zoneOf(name).isKnown) return []
  return [
    warning(
      subject,
      `its time zone ${name} is not known: dates with a time are written in UTC`,
      'Choose another one in the spreadsheet: File, Settings',
    ),
  ]
}

function failed(
  subject: string,
  verb: 'read' | 'written',
  failure: SheetsFailure,
  email: string | null,
): Finding {
  const message = `it cannot be ${verb}: ${failure.code} ${failure.message}`
  const account = email ?? 'the service account'
  switch (failure.kind) {
    case 'forbidden':
      if (/has not been used|is disabled|SERVICE_DISABLED/i.test(failure.message)) {
        return error(subject, message, 'Enable the Google Sheets API in the project of the service account')
      }
      if (/invalid_grant/.test(failure.message)) {
        return error(
          subject,
          message,
          'The key was revoked, or this clock is wrong: make a new key, set the clock',
        )
      }
      if (/scope/i.test(failure.message)) {
        return error(subject, message, 'The credentials need https://www.googleapis.com/auth/spreadsheets')
      }
      return error(subject, message, `Share the spreadsheet with ${account} as an editor`)
    case 'gone':
      return error(
        subject,
        message,
        `Correct spreadsheetId in the configuration, and share it with ${account}`,
      )
    case 'quota':
      return warning(subject, message, 'Look again in a minute; set SHEETS_READS_PER_MINUTE to your quota')
    default:
      return error(
        subject,
        message,
        'Look at the network, at SHEETS_API_URL and at the status page of Google Workspace',
      )
  }
}

function clock(date: string | null): Finding[] {
  const skew = date === null ? Number.NaN : Math.abs(Date.parse(date) - Date.now())
  if (!(skew > SKEW_MS)) return []
  const message = `this machine and Google differ by ${Math.round(skew / 1000)} s`
  return [error('clock', message, 'Set the clock by NTP: Google refuses tokens of such a clock')]
}
