import type { Logger } from 'pino'
import { currentContext } from '../../change/context.ts'
import type { WritebackConfig } from '../../config/define-config.ts'
import type { Sql } from '../../database/sql.ts'
import { isWritebackError } from '../../errors.ts'
import type { Model } from '../../model/data-model.ts'
import { type PublishStatement, publishError, publishStatement } from '../../queue/publish.ts'
import { copyArguments } from './arguments.ts'
import { type CallPlan, dependsOnComputed, planCall, reachesFurther } from './call-plan.ts'
import { type ByExtension, CaptureMode } from './capture-mode.ts'
import { ComputedColumns } from './computed-columns.ts'
import { computedFieldsOf, hasPreviewFeature, unwatched } from './every-call.ts'
import { follow } from './follow.ts'
import { Installation } from './installation.ts'
import { changesNamedByArguments } from './named.ts'
import { RAW_OPERATIONS, WRITES } from './operations.ts'
import { publishChanges } from './publish-changes.ts'
import { unfollowedCrossed } from './reach.ts'
import { UnfollowedReporter } from './report.ts'
import {
  argumentsOf,
  asWriteConflict,
  globallyOmitted,
  type HookCall,
  inOwnTransaction,
  type PrismaTransaction,
  plainClient,
  rawIn,
  type SeamClient,
  transactionOf,
} from './seam.ts'
import { tooLarge, unfollowedWithout } from './search.ts'
import { tracePublish } from './trace-publish.ts'
import { Tracked } from './tracked.ts'
import { TransactionReader } from './transaction-reader.ts'
import { type Unfollowed, unfollowedRaw } from './unfollowed.ts'
import type { AnswerRules } from './widen.ts'

const WRITING: ReadonlySet<string> = new Set(WRITES)
const RAW: ReadonlySet<string> = new Set(RAW_OPERATIONS)

/** A write and what is to be done about it. */
interface Work extends ByExtension {
  readonly call: HookCall
  readonly plan: CallPlan
}

/** Publishes what the calls of a client change: each call comes by {@link Capture.hook}. */
export class Capture {
  readonly #config: WritebackConfig
  /** Statements of capture's own go here, past other extensions. */
  readonly #plain: SeamClient
  readonly mode: CaptureMode
  /** Everything that a target shows, whoever captures it. */
  readonly #whole: Tracked
  readonly #computed: ComputedColumns
  readonly #installation: Installation
  readonly #reporter: UnfollowedReporter

  constructor(config: WritebackConfig, client: SeamClient, log: Logger) {
    this.#config = config
    this.#plain = unwatched(plainClient(client))
    this.#whole = new Tracked(config.dataModel, config.schemas, config.targets)
    this.mode = new CaptureMode(config)
    this.#computed = new ComputedColumns(this.#whole)
    this.#installation = new Installation(config.schemas, log)
    this.#reporter = new UnfollowedReporter(log, config.capture.unfollowed)
  }

  /** Runs a call in the place of Prisma Client, and publishes what it changes in the same transaction. */
  async hook(call: HookCall): Promise<unknown> {
    const model = this.#config.dataModel.models[call.model ?? '']
    if (call.model === undefined && RAW.has(call.operation)) await this.#reportRaw(call)
    else if (model && WRITING.has(call.operation)) {
      const write = { ...call, args: copyArguments(argumentsOf(call)) }
      // About what no target shows, nobody is asked.
      if (planCall(this.#whole, write, model) !== null) return this.#write(write, model)
    }
    return call.query(argumentsOf(call))
  }

  async #write(call: HookCall, model: Model): Promise<unknown> {
    const transaction = transactionOf(call)
    const by = await this.mode.byExtension(this.#sql(transaction))
    const computed = dependsOnComputed(by.tracked, call, model)
      ? await this.#computed.of(model, this.#sql(transaction))
      : undefined
    const plan = planCall(by.tracked, call, model, computed)
    if (plan === null) return call.query(call.args)
    const work: Work = { ...by, call, plan }
    if (transaction?.kind === 'batch') return this.#inForeignBatch(work, transaction)
    return transaction === undefined
      ? this.#inOwnTransaction(work)
      : this.#inTransaction(work, transaction, true)
  }

  async #reportRaw(call: HookCall): Promise<void> {
    if (unfollowedRaw(this.#whole, call).length === 0) return
    const { tracked } = await this.mode.byExtension(this.#sql(transactionOf(call)))
    this.#reporter.report(call, unfollowedRaw(tracked, call))
  }

  /** Statements of capture's own: in the caller's transaction, whose connection may be the pool's only one. */
  #sql(transaction: PrismaTransaction | undefined): Sql {
    return {
      query: async <Row>(text: string, values: readonly unknown[] = []) => {
        const rows =
          transaction?.kind === 'itx'
            ? rawIn(this.#plain, transaction, text, values)
            : this.#plain.$queryRawUnsafe(text, ...values)
        return (await rows) as Row[]
      },
    }
  }

  /** A call on its own: a transaction around the write and the publishing. */
  async #inOwnTransaction(work: Work): Promise<unknown> {
    const run = (asks: boolean) =>
      inOwnTransaction(this.#plain, (own) => this.#inTransaction(work, own, asks))
    try {
      return await run(false)
    } catch (error) {
      // Nearly every database takes changes, so that this one was not asked before: it is now, in a new transaction.
      if (!isWritebackError(error, 'QUEUE_MISSING')) throw error
      this.#installation.forget()
      return await run(true)
    }
  }

  /** @param asks whether the database is asked if it takes changes, where that is not known: the caller cannot try again */
  async #inTransaction(work: Work, transaction: PrismaTransaction, asks: boolean): Promise<unknown> {
    const { call, plan, tracked, targets } = work
    const reader = new TransactionReader(this.#plain, transaction)
    const large = await tooLarge(this.#sql(transaction), plan.searches)
    this.#reporter.report(call, [...unfollowedWithout(large), ...unfollowedCrossed(plan.reach)])
    const unsearched = new Set(large.map(({ table }) => table))
    const rules = this.#rules(call)
    const { result, changes } = await follow(tracked, plan, call, transaction, reader, rules, unsearched)
    const statement = publishChanges(tracked, targets, changes, plan.seenThrough, currentContext())
    const passes = statement !== null && asks && !(await this.#installation.isReady(this.#sql(transaction)))
    if (!passes) await this.#publish(statement, changes.length, transaction)
    return result
  }

  #rules(call: HookCall): AnswerRules {
    return {
      hidden: globallyOmitted(this.#plain, call.model ?? ''),
      computed: computedFieldsOf(call),
      strict: hasPreviewFeature(call, 'strictUndefinedChecks'),
    }
  }

  /**
   * An element of a batch that another extension made (row-level security by `set_config` does): answers come
   * after the commit, so only records that the arguments name can be published with it.
   */
  async #inForeignBatch({ call, plan, targets }: Work, transaction: PrismaTransaction): Promise<unknown> {
    const { model } = plan
    const changes = plan.table.own.length > 0 ? changesNamedByArguments(model, call) : []
    const why = 'in a batch made by another extension'
    const unfollowed: Unfollowed[] = []
    if (changes === null) unfollowed.push({ model: model.name, because: `without its id ${why}` })
    if (reachesFurther(plan)) unfollowed.push({ model: model.name, because: `through relations ${why}` })
    this.#reporter.report(call, unfollowed)
    const statement = publishStatement(this.#config.schemas, targets, changes ?? [], currentContext())
    const publishing = this.#publish(statement, changes?.length ?? 0, transaction)
    const [result] = await Promise.all([call.query(call.args), publishing])
    return result
  }

  async #publish(
    statement: PublishStatement | null,
    records: number,
    transaction: PrismaTransaction,
  ): Promise<void> {
    if (statement === null) return
    try {
      await tracePublish(records, async () =>
        rawIn(this.#plain, transaction, statement.text, statement.values),
      )
    } catch (error) {
      throw publishError(asWriteConflict(error))
    }
  }
}
