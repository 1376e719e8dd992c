import type { EditListener, ListenServices } from '../target.ts'
import { readSheetEnvironment } from './config/environment.ts'
import type { SheetTarget } from './config/target.ts'
import type { DriveApi } from './google/drive.ts'
import { SheetsFailure } from './google/failure.ts'
import { type DrivePlace, DrivePlaces } from './store/drive-place.ts'

/** The part of an interval after which another worker may ask: timers are not exact. */
const ALMOST = 0.9

/** Hears from Google Drive which spreadsheets changed; undefined where no target asks for that. */
export async function driveListener(
  targets: readonly SheetTarget[],
  { environment, sql, schemas, holder }: ListenServices,
): Promise<EditListener | undefined> {
  const asking = targets.filter(({ edits }) => edits?.detect.drive)
  if (asking.length === 0) return undefined
  const { createDriveClient, DriveApi } = await import('./google/drive.ts')
  const google = readSheetEnvironment(environment.variables)
  return new DriveListener(
    new Set(asking.map(({ spreadsheetId }) => spreadsheetId)),
    new DriveApi(createDriveClient(google)),
    new DrivePlaces(sql, schemas.library, google.google?.email ?? 'anonymous', holder),
    1000 * Math.min(...asking.map(({ edits }) => edits?.detect.everySeconds ?? 0)),
  )
}

class DriveListener implements EditListener {
  readonly everyMs: number
  readonly #spreadsheets: ReadonlySet<string>
  readonly #api: DriveApi
  readonly #places: DrivePlaces

  constructor(spreadsheets: ReadonlySet<string>, api: DriveApi, places: DrivePlaces, everyMs: number) {
    this.#spreadsheets = spreadsheets
    this.#api = api
    this.#places = places
    this.everyMs = everyMs
  }

  async ask(found: (lanes: readonly string[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    const place = await this.#places.claim(this.everyMs * ALMOST)
    if (place === undefined) return
    const { pageToken, changed } = await this.#changes(place, signal)
    if (changed.size > 0) await found([...changed].sort())
    // After the jobs: a worker that dies in between has them sent again.
    if (pageToken !== place.pageToken) await this.#places.move(place, { pageToken })
  }

  async #changes(place: DrivePlace, signal: AbortSignal): Promise<Changes> {
    // What was changed before is found by looking at the spreadsheets.
    if (place.pageToken === undefined) return { pageToken: await this.#api.end(signal), changed: new Set() }
    try {
      const { pageToken, files } = await this.#api.since(place.pageToken, signal)
      // What we wrote ourselves is no news. An edit that was made just before hides behind it: the look that comes
      // once a minute in any case finds it, within its share of the quota.
      const theirs = files.filter(({ fileId, byUs }) => !byUs && this.#spreadsheets.has(fileId))
      return { pageToken, changed: new Set(theirs.map(({ fileId }) => fileId)) }
    } catch (error) {
      if (!(error instanceof SheetsFailure) || (error.kind !== 'refused' && error.kind !== 'gone'))
        throw error
      // Drive does not know the place any more: anything may have changed since.
      return { pageToken: await this.#api.end(signal), changed: this.#spreadsheets }
    }
  }
}

interface Changes {
  readonly pageToken: string
  readonly changed: ReadonlySet<string>
}
