import * as drive from '../drive/methods.ts'
import { ApiError } from '../model/errors.ts'
import type { ApiMethod } from './call.ts'
import * as filters from './filter-methods.ts'
import * as spreadsheets from './spreadsheet-methods.ts'
import * as values from './values-methods.ts'

/** A request matched to a method. */
export interface Route {
  readonly method: ApiMethod
  readonly path: Readonly<Record<string, string>>
}

const ID = '(?<spreadsheetId>[^/:]+)'
const TABLE: readonly (readonly [string, RegExp, ApiMethod])[] = [
  ['POST', pattern(''), spreadsheets.create],
  ['GET', pattern(`/${ID}`), spreadsheets.get],
  ['POST', pattern(`/${ID}:batchUpdate`), spreadsheets.batchUpdate],
  ['POST', pattern(`/${ID}:getByDataFilter`), spreadsheets.getByDataFilter],
  ['GET', pattern(`/${ID}/values:batchGet`), values.batchGet],
  ['POST', pattern(`/${ID}/values:batchUpdate`), values.batchUpdate],
  ['POST', pattern(`/${ID}/values:batchClear`), values.batchClear],
  ['POST', pattern(`/${ID}/values:batchGetByDataFilter`), filters.batchGetByDataFilter],
  ['POST', pattern(`/${ID}/values:batchUpdateByDataFilter`), filters.batchUpdateByDataFilter],
  ['POST', pattern(`/${ID}/values:batchClearByDataFilter`), filters.batchClearByDataFilter],
  ['POST', pattern(`/${ID}/values/(?<range>.+):append`), values.append],
  ['POST', pattern(`/${ID}/values/(?<range>.+):clear`), values.clear],
  ['GET', pattern(`/${ID}/values/(?<range>.+)`), values.get],
  ['PUT', pattern(`/${ID}/values/(?<range>.+)`), values.update],
  ['GET', pattern(`/${ID}/developerMetadata/(?<metadataId>\\d+)`), filters.getMetadata],
  ['POST', pattern(`/${ID}/developerMetadata:search`), filters.searchMetadata],
  ['POST', pattern(`/${ID}/sheets/(?<sheetId>\\d+):copyTo`), spreadsheets.copyTo],
  ['GET', /^\/drive\/v3\/changes\/startPageToken$/, drive.getStartPageToken],
  ['GET', /^\/drive\/v3\/changes$/, drive.listChanges],
  ['GET', /^\/drive\/v3\/files\/(?<fileId>[^/]+)$/, drive.getFile],
]

/**
 * Finds the method of a request. A slash too many, as in `/ID/` and `/ID/:batchUpdate`, is accepted (recorded).
 *
 * @param path of the URL, still percent-encoded, without its query
 * @throws ApiError 404 when the API has no such method
 */
export function route(httpMethod: string, path: string): Route {
  const plain = path.replace(/\/+$/, '').replace(/\/:/, ':')
  // The custom method may come encoded (%3AbatchUpdate); ranges may hold any character, also slashes.
  const decoded = decode(plain)
  for (const [wanted, expression, method] of TABLE) {
    const match = wanted === httpMethod ? expression.exec(decoded) : undefined
    if (match) return { method, path: match.groups ?? {} }
  }
  throw new ApiError(404, 'NOT_FOUND', 'Method not found.')
}

function pattern(rest: string): RegExp {
  return new RegExp(`^/v4/spreadsheets${rest}$`, 's')
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new ApiError(400, 'INVALID_ARGUMENT', 'The path of the request is not valid.')
  }
}
