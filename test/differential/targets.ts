import type { DataModel } from '../../src/model/data-model.ts'
import { assertIdentifiable } from '../../src/model/record-id.ts'
import { forClient } from '../../src/targets/for-client.ts'
import type { SheetTarget } from '../../src/targets/sheet/config/target.ts'
import { applicationModels } from './catalog.ts'
import type { Random } from './random.ts'
import { randomInclude } from './shown.ts'

/** Targets with an include, on top of one for every model. */
const SHOWN_TARGETS = 4

/** One target for every model, and some that show related records too. */
export function randomTargets(random: Random, dataModel: DataModel): SheetTarget[] {
  const usable = applicationModels(dataModel).filter((model) => {
    try {
      return assertIdentifiable(dataModel, model.name)
    } catch {
      return false
    }
  })
  const { sheetTarget } = forClient<never>(dataModel)
  const target = (name: string, model: string, include?: object): SheetTarget => {
    const columns = [{ header: 'x', value: () => 1 }]
    const given = { name, model, spreadsheetId: 's', tab: name, columns, ...(include && { include }) }
    return sheetTarget(given as never)
  }
  const targets = usable.map((model) => target(`own-${model.name}`, model.name))
  for (let at = 1; at <= SHOWN_TARGETS; at++) {
    const model = random.pick(usable)
    const include = model && randomInclude(random, dataModel, model)
    if (model && include && Object.keys(include).length > 0)
      targets.push(target(`shown-${at}`, model.name, include))
  }
  return targets
}
