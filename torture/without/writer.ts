import type { RecordReader } from '../../src/source/record-reader.ts'
import {
  createSheetWriter as create,
  type SheetWriter,
  type SheetWriterOptions,
} from '../../src/targets/sheet/writer.ts'

export type { SheetWriter, SheetWriterOptions } from '../../src/targets/sheet/writer.ts'

/** Reads the records when it is asked to write them, before it waits for the lane. */
export function createSheetWriter(options: SheetWriterOptions): SheetWriter {
  const early = new Map<string, object | undefined>()
  const reader: RecordReader = {
    async read(target, ids) {
      const found = new Map<string, object>()
      const late = ids.filter((id) => !early.has(`${target.name} ${id}`))
      const read = await options.reader.read(target, late)
      for (const [id, record] of read.records) found.set(id, record)
      for (const id of ids) {
        const record = early.get(`${target.name} ${id}`)
        if (record) found.set(id, record)
      }
      return { ...read, records: found }
    },
  }
  const writer = create({ ...options, reader })
  return {
    ...writer,
    async write(spreadsheetId, requests, signal) {
      const names: string[] = []
      for (const { target, ids } of requests) {
        const { records } = await options.reader.read(target, ids)
        for (const id of ids) {
          early.set(`${target.name} ${id}`, records.get(id))
          names.push(`${target.name} ${id}`)
        }
      }
      try {
        return await writer.write(spreadsheetId, requests, signal)
      } finally {
        for (const name of names) early.delete(name)
      }
    },
  }
}
