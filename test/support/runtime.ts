import { pino } from 'pino'
import type { Runtime } from '../../jobs/job.ts'
import { createWorkerTelemetry } from '../../jobs/telemetry/worker-telemetry.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { LANE_SILENCE_MS, LaneLocks } from '../../src/lane/lock.ts'
import type { LaneRequest, Outcome } from '../../src/lane/outcome.ts'
import type { Target } from '../../src/model/target.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import type { OpenClient } from '../../src/source/open-client.ts'
import type { PrismaReader } from '../../src/source/prisma-reader.ts'
import type { StateSink } from '../../src/targets/target.ts'
import type { TestQueue } from './queue.ts'

/** A writer that answers as it is told: what jobs do with an outcome is tested, not the sheet. */
export class ScriptedWriter implements Pick<StateSink, 'write'> {
  readonly written: string[] = []
  readonly #answer: (id: string, target: string) => Outcome

  constructor(answer: (id: string, target: string) => Outcome) {
    this.#answer = answer
  }

  async write(_spreadsheetId: string, requests: readonly LaneRequest<Target>[]) {
    return new Map(
      requests.map(({ target, ids }) => {
        this.written.push(...ids)
        return [target.name, new Map(ids.map((id) => [id, this.#answer(id, target.name)]))]
      }),
    )
  }
}

/** A worker's runtime around a test queue, with a scripted writer. */
export function testRuntime(
  queue: TestQueue,
  writer: Pick<StateSink, 'write'>,
  leaving: AbortSignal = new AbortController().signal,
): Runtime {
  return {
    config: queue.config,
    environment: readEnvironment({
      DATABASE_URL: queue.database.url,
      SHEETS_API_URL: 'http://127.0.0.1:9/',
      WRITEBACK_BATCH_SIZE: '50',
      LOG_LEVEL: 'silent',
    }),
    log: pino({ level: 'silent' }),
    boss: queue.boss,
    sql: sqlOf(queue.boss),
    client: undefined as unknown as OpenClient,
    reader: undefined as unknown as PrismaReader,
    sinks: writer as StateSink,
    locks: new LaneLocks(queue.database.url, pino({ level: 'silent' }), LANE_SILENCE_MS),
    telemetry: createWorkerTelemetry(),
    leaving,
  }
}
