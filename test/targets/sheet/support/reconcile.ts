import type { SheetWriter } from '../../../../src/targets/sheet/index.ts'
import { until } from '../../../support/wait.ts'
import { collect } from './collect.ts'
import type { Stage } from './stage.ts'

/** Writes records of the stage's target with another worker, as often as it takes. */
export async function writeWith(stage: Stage, writer: SheetWriter, ids: readonly string[]): Promise<void> {
  await until('another worker has written', async () => {
    const outcomes = await stage.write(ids, stage.target, writer)
    return [...outcomes.values()].every(({ status }) => status === 'done')
  })
}

/** What the reconcile job does: every record that differs, or has no row, is written. */
export async function reconcile(stage: Stage, writer: SheetWriter): Promise<void> {
  const { records, target } = stage
  const pages = await collect(writer.compare(target))
  const seen = new Set(pages.flatMap(({ ids }) => ids))
  const missing = records.ids(target).filter((id) => !seen.has(id))
  const found = pages.flatMap(({ differs, surplus, duplicates }) => [...differs, ...surplus, ...duplicates])
  const all = [...missing, ...found]
  if (all.length > 0) await writeWith(stage, writer, all)
}
