import { AuthPlus, drive, type drive_v3 } from 'googleapis/build/src/apis/drive/index.js'
import { agentFor, type SheetsClientOptions, sendUnlessAborted } from './client.ts'
import { classify } from './failure.ts'

/** Milliseconds after which a call is given up: it is repeated soon anyway. */
const TIMEOUT_MS = 15_000

/** Changes in a page: the most that Drive gives. */
const PAGE_SIZE = 1_000

const FIELDS =
  'nextPageToken,newStartPageToken,changes(fileId,removed,changeType,file(trashed,lastModifyingUser(me)))'

/** A file that changed. */
export interface ChangedFile {
  readonly fileId: string
  /** Whether this account changed it last. */
  readonly byUs: boolean
}

/** The files that changed since a place in the list of changes, and the place to go on from. */
export interface ChangesSince {
  readonly files: readonly ChangedFile[]
  readonly pageToken: string
}

/** Makes the googleapis client of Drive v3. It may read what files are called and when they changed, nothing in them. */
export function createDriveClient({ google, sheetsApiUrl }: SheetsClientOptions): drive_v3.Drive {
  const auth = new AuthPlus()
  return drive({
    version: 'v3',
    retry: false,
    adapter: sendUnlessAborted as never,
    agent: agentFor(sheetsApiUrl, 1),
    ...(sheetsApiUrl !== null && { rootUrl: sheetsApiUrl }),
    ...(google !== null && {
      auth: new auth.JWT({
        email: google.email,
        key: google.privateKey,
        scopes: ['https://www.googleapis.com/auth/drive.metadata.readonly'],
      }),
    }),
  })
}

/**
 * The list of changes of everything that the account sees. One call covers all spreadsheets, and costs no quota of
 * Sheets. What is thrown is always a `SheetsFailure`.
 */
export class DriveApi {
  readonly #client: drive_v3.Drive

  constructor(client: drive_v3.Drive) {
    this.#client = client
  }

  /** The end of the list, as it is now. */
  async end(signal: AbortSignal): Promise<string> {
    const { startPageToken } = await this.#call(
      this.#client.changes.getStartPageToken({ supportsAllDrives: true }, optionsOf(signal)),
    )
    return startPageToken ?? ''
  }

  /** All pages of the list from a place on. @throws SheetsFailure `refused` or `gone` for a place that Drive does not know any more */
  async since(pageToken: string, signal: AbortSignal): Promise<ChangesSince> {
    const files: ChangedFile[] = []
    for (let token = pageToken; ; ) {
      const page = await this.#call(
        this.#client.changes.list(
          {
            pageToken: token,
            pageSize: PAGE_SIZE,
            // Spreadsheets of shared drives too.
            supportsAllDrives: true,
            includeItemsFromAllDrives: true,
            fields: FIELDS,
          },
          optionsOf(signal),
        ),
      )
      for (const { fileId, removed, file } of page.changes ?? []) {
        if (!fileId || removed || file?.trashed) continue
        files.push({ fileId, byUs: file?.lastModifyingUser?.me === true })
      }
      if (!page.nextPageToken) return { files, pageToken: page.newStartPageToken ?? token }
      token = page.nextPageToken
    }
  }

  async #call<Data>(answer: Promise<{ data: Data }>): Promise<Data> {
    try {
      return (await answer).data
    } catch (error) {
      throw classify(error)
    }
  }
}

function optionsOf(signal: AbortSignal): object {
  return { timeout: TIMEOUT_MS, signal, responseType: 'json', retry: false }
}
