import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid, unsupported } from '../model/errors.ts'
import { type Rect, rectOf } from '../model/rect.ts'
import type { RangeObject, Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { protectedRangeJson } from '../values/range-json.ts'
import { fieldsOf, type RequestContext } from './context.ts'

type Protection = RangeObject<sheets_v4.Schema$ProtectedRange>

/**
 * addProtectedRange: cells, a whole tab, or a named range. The reply says that the caller can edit and that
 * there are no editors, whatever was sent (recorded).
 */
export function addProtectedRange(
  { spreadsheet }: RequestContext,
  request: sheets_v4.Schema$AddProtectedRangeRequest,
): sheets_v4.Schema$AddProtectedRangeResponse {
  const given = request.protectedRange ?? {}
  const { tab, rect } = placeOf(spreadsheet, given)
  const known = (id: number): boolean =>
    all(spreadsheet).some(({ protection }) => protection.body.protectedRangeId === id)
  const protectedRangeId = given.protectedRangeId ?? spreadsheet.freeId(known)
  if (known(protectedRangeId)) throw invalid(`A protected range with id ${protectedRangeId} already exists.`)
  const protection: Protection = { range: rect, body: { ...bodyOf(given), protectedRangeId } }
  spreadsheet.changeTab(tab, { protectedRanges: [...tab.meta.protectedRanges, protection] })
  return { protectedRange: protectedRangeJson(tab, protection, true) }
}

/** updateProtectedRange: what the mask names. */
export function updateProtectedRange(
  { spreadsheet, guard }: RequestContext,
  request: sheets_v4.Schema$UpdateProtectedRangeRequest,
): undefined {
  const mask = fieldsOf(request.fields)
  const given = request.protectedRange ?? {}
  const { tab, protection } = find(spreadsheet, given.protectedRangeId)
  guard(tab, protection.range)
  const wanted = bodyOf(given)
  const body: Record<string, unknown> = { ...protection.body }
  let range = protection.range
  for (const name of mask.fields.has('*') ? Object.keys(given) : mask.fields.keys()) {
    if (name === 'protectedRangeId' || name === 'requestingUserCanEdit') continue
    if (name === 'range') {
      const place = placeOf(spreadsheet, given)
      if (place.tab.sheetId !== tab.sheetId) throw unsupported('moving a protected range to another tab')
      range = place.rect
      continue
    }
    const value = wanted[name as keyof typeof wanted]
    if (value == null) delete body[name]
    else body[name] = value
  }
  const next: Protection = { range, body }
  const protectedRanges = tab.meta.protectedRanges.map((each) => (each === protection ? next : each))
  spreadsheet.changeTab(tab, { protectedRanges })
}

/** deleteProtectedRange: the protection; the cells stay. */
export function deleteProtectedRange(
  { spreadsheet, guard }: RequestContext,
  request: sheets_v4.Schema$DeleteProtectedRangeRequest,
): undefined {
  const { tab, protection } = find(spreadsheet, request.protectedRangeId)
  guard(tab, protection.range)
  spreadsheet.changeTab(tab, {
    protectedRanges: tab.meta.protectedRanges.filter((each) => each !== protection),
  })
}

function all(spreadsheet: Spreadsheet): { tab: Tab; protection: Protection }[] {
  return spreadsheet.tabs.flatMap((tab) =>
    tab.meta.protectedRanges.map((protection) => ({ tab, protection })),
  )
}

function find(spreadsheet: Spreadsheet, id: number | null | undefined): { tab: Tab; protection: Protection } {
  const found = all(spreadsheet).find(({ protection }) => protection.body.protectedRangeId === (id ?? 0))
  if (!found) throw invalid(`No protected range with id: ${id ?? 0}`)
  return found
}

function placeOf(spreadsheet: Spreadsheet, given: sheets_v4.Schema$ProtectedRange): { tab: Tab; rect: Rect } {
  if (given.range) return { tab: spreadsheet.tab(given.range.sheetId ?? 0), rect: rectOf(given.range) }
  if (given.namedRangeId) {
    const named = spreadsheet.namedRanges.find(({ id }) => id === given.namedRangeId)
    if (!named) throw invalid(`No named range with id: ${given.namedRangeId}`)
    const { sheetId, ...rect } = named.range
    return { tab: spreadsheet.tab(sheetId), rect }
  }
  if (given.tableId) throw unsupported('protecting a table by its id')
  throw invalid('A protected range must have a range or a namedRangeId.')
}

/** What is kept of a protection: editors without people are not, false and empty texts neither (recorded). */
function bodyOf(given: sheets_v4.Schema$ProtectedRange): sheets_v4.Schema$ProtectedRange {
  for (const range of given.unprotectedRanges ?? []) rectOf(range)
  const { users, groups, domainUsersCanEdit } = given.editors ?? {}
  const editors = {
    ...(users?.length && { users }),
    ...(groups?.length && { groups }),
    ...(domainUsersCanEdit && { domainUsersCanEdit }),
  }
  return {
    ...(given.namedRangeId && { namedRangeId: given.namedRangeId }),
    ...(given.description && { description: given.description }),
    ...(given.warningOnly && { warningOnly: true }),
    ...(given.unprotectedRanges?.length && { unprotectedRanges: given.unprotectedRanges }),
    ...(Object.keys(editors).length > 0 && { editors }),
  }
}
