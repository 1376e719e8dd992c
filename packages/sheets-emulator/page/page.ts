import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import type { Control } from '../control/control.ts'
import { ApiError, invalid } from '../model/errors.ts'
import { streamChanges } from './events.ts'
import { historyData } from './history-data.ts'
import { columnTexts, listData, placeData, rowsData, spreadsheetData, tabOf } from './page-data.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Nothing from elsewhere, no inline script: cell values are put into the page as text only. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"

/**
 * Answers the pages for people and what they fetch: `/`, `/spreadsheets/ID` and, as at Google,
 * `/spreadsheets/d/ID/edit`.
 *
 * @returns false when the path is none of them
 * @throws ApiError 404 for a spreadsheet or tab that does not exist
 */
export function servePage(control: Control, url: URL, response: ServerResponse): boolean {
  const store = control.spreadsheets
  if (url.pathname === '/') return asset(response, 'list.html')
  if (/^\/page\/[a-z]+\.(js|css)$/.test(url.pathname))
    return asset(response, url.pathname.slice('/page/'.length))
  if (url.pathname === '/page/list') return json(response, listData(store))
  if (url.pathname === '/page/events') {
    streamChanges(store, undefined, response)
    return true
  }
  const page = /^\/spreadsheets\/(?:d\/)?([A-Za-z0-9_-]+)(?:\/(?:edit|view)?)?$/.exec(url.pathname)
  if (page) {
    store.find(page[1]!)
    return asset(response, 'sheet.html')
  }
  const data = /^\/page\/spreadsheets\/([A-Za-z0-9_-]+)(?:\/(rows|events|history|texts))?$/.exec(url.pathname)
  if (!data) return false
  const spreadsheet = store.find(data[1]!)
  const number = (name: string): number => numberOf(url, name)
  switch (data[2]) {
    case 'events':
      streamChanges(store, spreadsheet.id, response)
      return true
    case 'rows':
      return json(response, rowsData(spreadsheet, number('sheet'), number('from'), number('count')))
    case 'texts':
      return json(response, columnTexts(spreadsheet, number('sheet'), number('column'), number('below')))
    case 'history': {
      if (!url.searchParams.has('row')) return json(response, historyData(spreadsheet, undefined))
      const tab = tabOf(spreadsheet, number('sheet'))
      return json(response, historyData(spreadsheet, tab, [number('row'), number('column')]))
    }
    default: {
      const place = url.searchParams.has('asOf') && {
        place: placeData(spreadsheet, {
          sheetId: number('sheet'),
          rect: {
            startRow: number('row'),
            endRow: number('endRow'),
            startColumn: number('column'),
            endColumn: number('endColumn'),
          },
          version: number('asOf'),
        }),
      }
      return json(response, { ...spreadsheetData(spreadsheet), ...place })
    }
  }
}

function numberOf(url: URL, name: string): number {
  const value = Number(url.searchParams.get(name) ?? 0)
  if (!Number.isInteger(value) || value < 0) throw invalid(`${name} must be a whole number.`)
  return value
}

function asset(response: ServerResponse, name: string): true {
  const text = readAsset(name)
  response.writeHead(200, {
    'Content-Type': TYPES[path.extname(name)] ?? 'application/octet-stream',
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
  return true
}

function readAsset(name: string): string {
  try {
    return readFileSync(path.join(import.meta.dirname, 'assets', name), 'utf8')
  } catch {
    throw new ApiError(404, 'NOT_FOUND', 'Not found.')
  }
}

function json(response: ServerResponse, value: object): true {
  const text = JSON.stringify(value)
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
  return true
}
