import { z } from 'zod'
import { publishStatement } from '../src/queue/publish.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { editableTargets } from '../src/targets/editable.ts'
import { workOn } from './attempts.ts'
import type { JobDefinition, Runtime } from './job.ts'
import { scheduleLooks } from './schedule-looks.ts'

const dataSchema = z.object({
  /** The lane: for sheets the spreadsheet. */
  spreadsheetId: z.string().min(1),
  /** Who typed, where something told of it. */
  editor: z.string().optional(),
})

/** Looks at places for what people changed, and has the records written of which something looks edited. */
export const pull: JobDefinition = {
  name: 'pull',

  async start(runtime) {
    if (editableTargets(runtime.config).size === 0) return
    const options = { batchSize: 1, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 5 } as const
    await workOn(runtime, QUEUES.pull, options, async (jobs) => {
      let records = 0
      for (const { data } of jobs) records += await look(runtime, data)
      return { records }
    })
    scheduleLooks(runtime)
  },
}

async function look(runtime: Runtime, data: unknown): Promise<number> {
  const { config, sinks, sql, leaving } = runtime
  const { spreadsheetId: lane, editor } = dataSchema.parse(data)
  const targets = editableTargets(config).get(lane)
  if (targets === undefined || sinks.findEdits === undefined) return 0
  const { records } = await sinks.findEdits(lane, targets, editor, leaving)
  let count = 0
  for (const target of targets) {
    const changes = (records.get(target.name) ?? []).map((id) => ({
      ...{ model: target.model, id, operation: 'update' as const },
    }))
    const statement = publishStatement(config.schemas, [target], changes, { origin: `sheet:${target.name}` })
    if (statement) await sql.query(statement.text, statement.values)
    count += changes.length
  }
  return count
}
