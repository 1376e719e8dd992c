import { randomInt } from 'node:crypto'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid } from '../model/errors.ts'
import { below } from '../model/field-mask.ts'
import { rectOf, type TabRange } from '../model/rect.ts'
import type { NamedRange, Spreadsheet } from '../model/spreadsheet.ts'
import { namedRangeJson } from '../values/range-json.ts'
import { fieldsOf, type RequestContext } from './context.ts'

/** addNamedRange: a name for cells. Names are unique in the spreadsheet, without case. */
export function addNamedRange(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$AddNamedRangeRequest,
): sheets_v4.Schema$AddNamedRangeResponse {
  const given = request.namedRange ?? {}
  const id = given.namedRangeId || String(randomInt(1, 2 ** 31))
  if (spreadsheet.namedRanges.some((range) => range.id === id)) {
    throw invalid(`A named range with the id ${id} already exists.`)
  }
  const named: NamedRange = {
    id,
    name: nameOf(spreadsheet, given.name, id),
    range: rangeOf(spreadsheet, given.range),
  }
  spreadsheet.namedRanges = [...spreadsheet.namedRanges, named]
  return { namedRange: namedRangeJson(named) }
}

/** updateNamedRange: its name or its cells. */
export function updateNamedRange(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$UpdateNamedRangeRequest,
): undefined {
  const mask = fieldsOf(request.fields)
  const given = request.namedRange ?? {}
  const known = find(spreadsheet, given.namedRangeId)
  const next: NamedRange = {
    id: known.id,
    name: below(mask, 'name') ? nameOf(spreadsheet, given.name, known.id) : known.name,
    range: below(mask, 'range') ? rangeOf(spreadsheet, given.range) : known.range,
  }
  spreadsheet.namedRanges = spreadsheet.namedRanges.map((each) => (each.id === known.id ? next : each))
}

/** deleteNamedRange: the name; the cells stay. */
export function deleteNamedRange(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$DeleteNamedRangeRequest,
): undefined {
  const known = find(spreadsheet, request.namedRangeId)
  spreadsheet.namedRanges = spreadsheet.namedRanges.filter(({ id }) => id !== known.id)
}

function find(spreadsheet: Spreadsheet, id: string | null | undefined): NamedRange {
  const known = spreadsheet.namedRanges.find((range) => range.id === id)
  if (!known) throw invalid(`No named range with id: ${id ?? ''}`)
  return known
}

function nameOf(spreadsheet: Spreadsheet, name: string | null | undefined, own: string): string {
  if (!name || !/^[A-Za-z_][A-Za-z0-9_.]{0,249}$/.test(name))
    throw invalid(`The name "${name ?? ''}" is not valid for a named range.`)
  const taken = spreadsheet.namedRanges.some(
    (range) => range.id !== own && range.name.toLowerCase() === name.toLowerCase(),
  )
  if (taken) throw invalid(`A named range with the name "${name}" already exists.`)
  return name
}

function rangeOf(spreadsheet: Spreadsheet, range: sheets_v4.Schema$GridRange | null | undefined): TabRange {
  if (!range) throw invalid('namedRange.range is required.')
  const { sheetId } = spreadsheet.tab(range.sheetId ?? 0)
  return { ...rectOf(range), sheetId }
}
