import fc from 'fast-check'
import type { QueueModel, WriterLevel, WriterModel } from './queue-model.ts'
import { assertNobodyForgotten, InOrder, type QueueCommand } from './queue-rules.ts'
import type { QueueWorld } from './queue-world.ts'
import type { Session } from './sessions.ts'

/** What Postgres says to a transaction that must be repeated, and the publishing function to one it cannot serve. */
const REPEAT = ['40001', '40P01', 'SY002']

const ISOLATION = ['read committed', 'repeatable read', 'serializable'] as const

const NOTHING: WriterLevel = { values: new Map(), unpublished: new Set() }

/** Savepoints in one transaction, at most. */
const MAX_LEVELS = 3

/** A command of one writer: a statement in its session, and what it means for the model once it has answered. */
abstract class WriterCommand implements QueueCommand {
  readonly writer: number

  constructor(writer: number) {
    this.writer = writer
  }

  check(model: QueueModel): boolean {
    const writer = model.writers[this.writer]
    return writer !== undefined && !writer.blocked && this.fits(writer)
  }

  async run(model: QueueModel, world: QueueWorld): Promise<void> {
    const writer = model.writers[this.writer] as WriterModel
    const session = world.writers[this.writer] as Session
    writer.blocked = true
    await world.stepper.step(session, async () => {
      try {
        await this.act(model, writer, session, world)
      } catch (error) {
        if (!REPEAT.includes((error as { code?: string }).code ?? '')) throw error
        await session.client.query('rollback')
        writer.levels = []
      } finally {
        writer.blocked = false
      }
    })
    await assertNobodyForgotten(model, world)
  }

  protected abstract fits(writer: WriterModel): boolean
  protected abstract act(
    model: QueueModel,
    writer: WriterModel,
    session: Session,
    world: QueueWorld,
  ): Promise<void>
}

class Begin extends WriterCommand {
  readonly isolation: string

  constructor(writer: number, isolation: string) {
    super(writer)
    this.isolation = isolation
  }

  override fits(writer: WriterModel) {
    return writer.levels.length === 0
  }

  override async act(_model: QueueModel, writer: WriterModel, session: Session) {
    await session.client.query(`begin isolation level ${this.isolation}`)
    writer.levels = [NOTHING]
  }

  override toString = () => `writer ${this.writer}: begin ${this.isolation}`
}

class Write extends WriterCommand {
  readonly records: readonly number[]

  constructor(writer: number, records: readonly number[]) {
    super(writer)
    this.records = records
  }

  override fits(writer: WriterModel) {
    return writer.levels.length > 0
  }

  override async act(model: QueueModel, writer: WriterModel, session: Session, world: QueueWorld) {
    const value = model.nextValue++
    await world.write(session, this.records, value)
    change(writer, (level) => ({
      values: new Map([...level.values, ...this.records.map((record) => [record, value] as const)]),
      unpublished: new Set([...level.unpublished, ...this.records]),
    }))
  }

  override toString = () => `writer ${this.writer}: write ${this.records}`
}

class Publish extends WriterCommand {
  readonly priority: number

  constructor(writer: number, priority: number) {
    super(writer)
    this.priority = priority
  }

  override fits(writer: WriterModel) {
    return (writer.levels.at(-1)?.unpublished.size ?? 0) > 0
  }

  override async act(_model: QueueModel, writer: WriterModel, session: Session, world: QueueWorld) {
    await world.publish(session, [...(writer.levels.at(-1)?.unpublished ?? [])], this.priority)
    change(writer, (level) => ({ ...level, unpublished: new Set() }))
  }

  override toString = () => `writer ${this.writer}: publish at priority ${this.priority}`
}

class Savepoint extends WriterCommand {
  override fits(writer: WriterModel) {
    return writer.levels.length > 0 && writer.levels.length < MAX_LEVELS
  }

  override async act(_model: QueueModel, writer: WriterModel, session: Session) {
    await session.client.query(`savepoint s${writer.levels.length}`)
    writer.levels = [...writer.levels, writer.levels.at(-1) ?? NOTHING]
  }

  override toString = () => `writer ${this.writer}: savepoint`
}

class RollBackToSavepoint extends WriterCommand {
  override fits(writer: WriterModel) {
    return writer.levels.length > 1
  }

  override async act(_model: QueueModel, writer: WriterModel, session: Session) {
    await session.client.query(`rollback to savepoint s${writer.levels.length - 1}`)
    writer.levels = writer.levels.slice(0, -1)
  }

  override toString = () => `writer ${this.writer}: roll back to the savepoint`
}

class ReleaseSavepoint extends WriterCommand {
  override fits(writer: WriterModel) {
    return writer.levels.length > 1
  }

  override async act(_model: QueueModel, writer: WriterModel, session: Session) {
    await session.client.query(`release savepoint s${writer.levels.length - 1}`)
    writer.levels = [...writer.levels.slice(0, -2), writer.levels.at(-1) ?? NOTHING]
  }

  override toString = () => `writer ${this.writer}: release the savepoint`
}

export class Commit extends WriterCommand {
  /** Capture publishes everything that was written before the transaction can commit. */
  override fits(writer: WriterModel) {
    return writer.levels.length > 0 && writer.levels.at(-1)?.unpublished.size === 0
  }

  override async act(model: QueueModel, writer: WriterModel, session: Session) {
    await session.client.query('commit')
    for (const [record, value] of writer.levels.at(-1)?.values ?? []) model.committed[record] = value
    writer.levels = []
  }

  override toString = () => `writer ${this.writer}: commit`
}

export class RollBack extends WriterCommand {
  override fits(writer: WriterModel) {
    return writer.levels.length > 0
  }

  override async act(_model: QueueModel, writer: WriterModel, session: Session) {
    await session.client.query('rollback')
    writer.levels = []
  }

  override toString = () => `writer ${this.writer}: roll back`
}

function change(writer: WriterModel, by: (level: WriterLevel) => WriterLevel): void {
  writer.levels = [...writer.levels.slice(0, -1), by(writer.levels.at(-1) ?? NOTHING)]
}

/** What writers may do. */
export function writerCommands(writers: number, records: number): fc.Arbitrary<QueueCommand>[] {
  const writer = fc.nat(writers - 1)
  const some = fc.uniqueArray(fc.nat(records - 1), { minLength: 1, maxLength: 2 })
  return [
    fc.tuple(writer, fc.constantFrom(...ISOLATION)).map(([who, isolation]) => new Begin(who, isolation)),
    fc.tuple(writer, some).map(([who, what]) => new Write(who, what)),
    fc.tuple(writer, fc.constantFrom(0, 0, -10)).map(([who, priority]) => new Publish(who, priority)),
    fc
      .tuple(writer, fc.constantFrom(...ISOLATION), some)
      .map(
        ([who, isolation, what]) =>
          new InOrder(new Begin(who, isolation), new Write(who, what), new Publish(who, 0)),
      ),
    writer.map((who) => new Savepoint(who)),
    writer.map((who) => new RollBackToSavepoint(who)),
    writer.map((who) => new ReleaseSavepoint(who)),
    writer.map((who) => new Commit(who)),
    writer.map((who) => new RollBack(who)),
  ]
}
