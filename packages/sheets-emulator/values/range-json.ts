import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Group } from '../model/groups.ts'
import { type Dimension, gridRangeOf } from '../model/rect.ts'
import type { NamedRange, RangeObject, Tab } from '../model/spreadsheet.ts'

/** A protected range as answers print it: the caller can edit and editors are empty (recorded, whatever was sent). */
export function protectedRangeJson(
  tab: Tab,
  { range, body }: RangeObject<sheets_v4.Schema$ProtectedRange>,
  canEdit: boolean,
): sheets_v4.Schema$ProtectedRange {
  const { protectedRangeId, ...rest } = body
  return {
    protectedRangeId: protectedRangeId ?? null,
    range: gridRangeOf({ ...range, sheetId: tab.sheetId }),
    ...rest,
    ...(canEdit && { requestingUserCanEdit: true, editors: rest.editors ?? {} }),
  }
}

/** A basic filter as answers print it. */
export function basicFilterJson(
  tab: Tab,
  { range, body }: RangeObject<sheets_v4.Schema$BasicFilter>,
): sheets_v4.Schema$BasicFilter {
  return { range: gridRangeOf({ ...range, sheetId: tab.sheetId }), ...body }
}

/** A table as answers print it. */
export function tableJson(
  tab: Tab,
  { range, body }: RangeObject<sheets_v4.Schema$Table>,
): sheets_v4.Schema$Table {
  return { ...body, range: gridRangeOf({ ...range, sheetId: tab.sheetId }) }
}

/** A named range as answers print it. */
export function namedRangeJson({ id, name, range }: NamedRange): sheets_v4.Schema$NamedRange {
  return { namedRangeId: id, name, range: gridRangeOf(range) }
}

/** A group of rows or columns as answers print it (recorded). */
export function groupJson(
  { sheetId }: Tab,
  dimension: Dimension,
  { start, end, depth, collapsed }: Group,
): sheets_v4.Schema$DimensionGroup {
  const range = { ...(sheetId !== 0 && { sheetId }), dimension, startIndex: start, endIndex: end }
  return { range, depth, ...(collapsed && { collapsed }) }
}
