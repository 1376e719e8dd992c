import type { EditListener, ListenServices } from '../target.ts'
import { readSheetEnvironment } from './config/environment.ts'
import type { SheetTarget } from './config/target.ts'
import type { DriveApi } from './google/drive.ts'
import { SheetsFailure } from './google/failure.ts'
import { type DrivePlace, DrivePlaces } from './store/drive-place.ts'

/**
 * A file that this account changed last is looked at after so many milliseconds: what a person typed just before our
 * own write hides behind it. In a spreadsheet that is written all the time that is a read a minute, not one per write.
 */
const OWN_AFTER_MS = 60_000

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
    const { pageToken, changed, own } = await this.#changes(place, signal)
    const now = Date.now()
    const waiting = { ...place.own }
    for (const id of own) waiting[id] ??= now + OWN_AFTER_MS
    const due = Object.keys(waiting).filter((id) => changed.has(id) || (waiting[id] ?? 0) <= now)
    for (const id of due) delete waiting[id]
    const lanes = new Set([...changed, ...due])
    if (lanes.size > 0) await found([...lanes].sort())
    // After the jobs: a worker that dies in between has them sent again.
    const next: DrivePlace = { pageToken, ...(Object.keys(waiting).length > 0 && { own: waiting }) }
    if (lanes.size > 0 || own.size > 0 || pageToken !== place.pageToken) await this.#places.move(place, next)
  }

  async #changes(place: DrivePlace, signal: AbortSignal): Promise<Changes> {
    // What was changed before is found by looking at the spreadsheets.
    if (place.pageToken === undefined)
      return { pageToken: await this.#api.end(signal), changed: new Set(), own: new Set() }
    try {
      const { pageToken, files } = await this.#api.since(place.pageToken, signal)
      const ours = files.filter(({ fileId }) => this.#spreadsheets.has(fileId))
      const [own, changed] = [true, false].map(
        (byUs) => new Set(ours.flatMap((file) => (file.byUs === byUs ? file.fileId : []))),
      ) as [Set<string>, Set<string>]
      return { pageToken, changed, own }
    } catch (error) {
      if (!(error instanceof SheetsFailure) || (error.kind !== 'refused' && error.kind !== 'gone'))
        throw error
      // Drive does not know the place any more: anything may have changed since.
      return { pageToken: await this.#api.end(signal), changed: this.#spreadsheets, own: new Set() }
    }
  }
}

interface Changes {
  readonly pageToken: string
  readonly changed: ReadonlySet<string>
  readonly own: ReadonlySet<string>
}
