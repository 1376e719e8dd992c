import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { invalid } from '../model/errors.ts'
import { below } from '../model/field-mask.ts'
import { deepen, type Group, isSame } from '../model/groups.ts'
import type { Dimension } from '../model/rect.ts'
import type { Tab } from '../model/spreadsheet.ts'
import { groupJson } from '../values/range-json.ts'
import { dimensionRange, fieldsOf, type RequestContext } from './context.ts'

/** addDimensionGroup: the reply has all groups of the dimension. */
export function addDimensionGroup(
  context: RequestContext,
  request: sheets_v4.Schema$AddDimensionGroupRequest,
): sheets_v4.Schema$AddDimensionGroupResponse {
  const { tab, dimension, start, end } = linesOf(context, request.range)
  const groups = deepen(groupsOf(tab, dimension), start, end, 1)
  // Nothing is before the first row or column, so that the control goes behind the group, and stays there (recorded).
  const control = start === 0 && { [CONTROLS[dimension]]: true }
  context.spreadsheet.changeTab(tab, { [KEYS[dimension]]: groups, ...control })
  return { dimensionGroups: groups.map((group) => groupJson(tab, dimension, group)) }
}

/** deleteDimensionGroup: the reply has the groups that are left, and is empty without one (recorded). */
export function deleteDimensionGroup(
  context: RequestContext,
  request: sheets_v4.Schema$DeleteDimensionGroupRequest,
): sheets_v4.Schema$DeleteDimensionGroupResponse {
  const { tab, dimension, start, end } = linesOf(context, request.range)
  const before = groupsOf(tab, dimension)
  if (!before.some((group) => group.start < end && start < group.end))
    throw invalid('There is no group in the range.')
  const groups = deepen(before, start, end, -1)
  context.spreadsheet.changeTab(tab, { [KEYS[dimension]]: groups })
  return groups.length > 0 ? { dimensionGroups: groups.map((group) => groupJson(tab, dimension, group)) } : {}
}

/** updateDimensionGroup: folds a group or opens it, which hides or shows all that is in it (discovery document). */
export function updateDimensionGroup(
  context: RequestContext,
  request: sheets_v4.Schema$UpdateDimensionGroupRequest,
): undefined {
  const mask = fieldsOf(request.fields)
  const given = request.dimensionGroup ?? {}
  const { tab, dimension, start, end } = linesOf(context, given.range)
  const wanted = { start, end, depth: given.depth ?? 0 }
  const groups = groupsOf(tab, dimension)
  if (!groups.some((group) => isSame(group, wanted)))
    throw invalid(`There is no group of depth ${wanted.depth} with this range.`)
  if (!below(mask, 'collapsed')) return
  const collapsed = given.collapsed === true
  const next = groups.map((group): Group => (isSame(group, wanted) ? { ...group, collapsed } : group))
  context.spreadsheet.changeTab(tab, { [KEYS[dimension]]: next })
  for (let index = start; index < end; index++) {
    const { hiddenByUser: _, ...props } = tab.grid.line(dimension, index)?.props ?? {}
    tab.grid.setLine(dimension, index, { props: collapsed ? { ...props, hiddenByUser: true } : props })
  }
}

const KEYS = { ROWS: 'rowGroups', COLUMNS: 'columnGroups' } as const
const CONTROLS = { ROWS: 'rowGroupControlAfter', COLUMNS: 'columnGroupControlAfter' } as const

function groupsOf({ meta }: Tab, dimension: Dimension): readonly Group[] {
  return meta[KEYS[dimension]]
}

function linesOf(context: RequestContext, range: sheets_v4.Schema$DimensionRange | null | undefined) {
  const lines = dimensionRange(context, range)
  const count = lines.tab.grid.count(lines.dimension)
  if (lines.end > count) throw invalid(`range.endIndex[${lines.end}] is after the end of the grid[${count}].`)
  return lines
}
