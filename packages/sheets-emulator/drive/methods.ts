import { type ApiMethod, type Call, flag } from '../api/call.ts'
import { invalid, unsupported } from '../model/errors.ts'
import { applyMask, type Mask } from '../model/field-mask.ts'
import type { Spreadsheet } from '../model/spreadsheet.ts'
import { fileNotFound, invalidValue, required } from './errors.ts'
import { ANSWERS, CHANGES_MASK, changeResource, checkFields, FILE_MASK, fileResource } from './resource.ts'

/** Changes in a page: at first, and at most (a larger number is taken for it, says the discovery document). */
const PAGE_SIZE = 100
const MAX_PAGE_SIZE = 1_000

/** changes.getStartPageToken */
export const getStartPageToken: ApiMethod = {
  id: 'drive.changes.getStartPageToken',
  kind: 'drive',
  query: ['supportsAllDrives', 'supportsTeamDrives'],
  masks: true,
  run: ({ store, mask }) => {
    const answer = { kind: 'drive#startPageToken', startPageToken: String(store.files.startPageToken()) }
    return masked(answer, mask, ANSWERS.startPageToken)
  },
}

/**
 * changes.list: a file that changed several times is there once. Every caller sees all spreadsheets but those that
 * are revoked, so that options about shared drives and My Drive change nothing.
 */
export const listChanges: ApiMethod = {
  id: 'drive.changes.list',
  kind: 'drive',
  query: [
    'pageToken',
    'pageSize',
    'includeRemoved',
    'spaces',
    'supportsAllDrives',
    'supportsTeamDrives',
    'includeItemsFromAllDrives',
    'includeTeamDriveItems',
    'restrictToMyDrive',
  ],
  masks: true,
  run: (call) => {
    const { store, query, token } = call
    const pageToken = query.get('pageToken')
    if (!pageToken) throw required('pageToken')
    const spaces = query.get('spaces')
    if (spaces && spaces !== 'drive') throw unsupported(`the space ${spaces} of the Drive API`)
    const removed = !query.has('includeRemoved') || flag(query, 'includeRemoved')
    const page = /^\d{1,15}$/.test(pageToken)
      ? store.files.page(Number(pageToken), pageSize(query))
      : undefined
    if (!page) throw invalidValue('pageToken')
    const changes = page.changes
      .map((change) => changeResource(change, visible(call, change.file.id), token))
      .filter((change) => removed || !change.removed)
    const answer = {
      kind: 'drive#changeList',
      changes,
      ...(page.nextPageToken !== undefined && { nextPageToken: String(page.nextPageToken) }),
      ...(page.newStartPageToken !== undefined && { newStartPageToken: String(page.newStartPageToken) }),
    }
    return masked(answer, call.mask, ANSWERS.changeList, CHANGES_MASK)
  },
}

/** files.get, without the file's content. */
export const getFile: ApiMethod = {
  id: 'drive.files.get',
  kind: 'drive',
  query: ['supportsAllDrives', 'supportsTeamDrives'],
  masks: true,
  run: (call) => {
    const id = call.path.fileId!
    if (call.query.get('alt') === 'media') throw unsupported('alt=media of the Drive API')
    const file = call.store.files.find(id)
    const spreadsheet = visible(call, id)
    if (!file || !spreadsheet) throw fileNotFound(id)
    return masked(fileResource(file, spreadsheet, call.token), call.mask, ANSWERS.file, FILE_MASK)
  },
}

function visible({ store, sees }: Call, id: string): Spreadsheet | undefined {
  return sees(id) ? store.get(id) : undefined
}

function masked(
  answer: object,
  mask: Mask | undefined,
  names: Parameters<typeof checkFields>[1],
  standard?: Mask,
): unknown {
  if (mask) checkFields(mask, names)
  const applied = mask ?? standard
  return applied ? applyMask(answer, applied) : answer
}

function pageSize(query: URLSearchParams): number {
  const text = query.get('pageSize')
  if (text === null) return PAGE_SIZE
  if (!/^-?\d+$/.test(text)) throw invalid(`Invalid value at 'page_size' (TYPE_INT32), "${text}"`)
  const size = Number(text)
  if (size < 1) throw invalidValue('pageSize')
  return Math.min(size, MAX_PAGE_SIZE)
}
