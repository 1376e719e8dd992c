import pg from 'pg'

/** Nothing but an open transaction of another session may hold a statement up for longer, in milliseconds. */
const REST_WITHIN_MS = 20_000

/** A statement is given so long before Postgres is asked whether it waits: most have ended by then. */
const ASK_AFTER_MS = 3

/** Postgres looks for deadlocks after this time; they are resolved at once rather than after a second. */
const DEADLOCK_TIMEOUT_MS = 20

/** A database session that is moved forward step by step. */
export class Session {
  readonly client: pg.Client
  #pending: Promise<void> | undefined
  #failure: unknown

  constructor(url: string) {
    this.client = new pg.Client({ connectionString: url, application_name: 'model session' })
  }

  async open(): Promise<void> {
    await this.client.connect()
    await this.client.query(`set deadlock_timeout = ${DEADLOCK_TIMEOUT_MS}`)
  }

  /** The backend's process id. */
  get pid(): number {
    return (this.client as pg.Client & { processID: number }).processID
  }

  /** True while its statement waits for another session. */
  get isPending(): boolean {
    return this.#pending !== undefined
  }

  /** Ends when its statement has ended. */
  async ended(): Promise<void> {
    await this.#pending
  }

  /** Begins a step without waiting for it. */
  begin(work: () => Promise<void>): void {
    if (this.#pending) throw new Error('a session does one thing at a time')
    this.#pending = work().then(
      () => {
        this.#pending = undefined
      },
      (error) => {
        this.#pending = undefined
        this.#failure = error
      },
    )
  }

  /** Rolls back whatever is open, and forgets what it threw. */
  async abandon(): Promise<void> {
    await this.client.query('rollback')
    await this.#pending
    this.#failure = undefined
  }

  /** @throws what the last step threw */
  rethrow(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }
}

/** Moves sessions so that nothing is left to timing: a step ends when every session is done or waits for another. */
export class Stepper {
  readonly #sessions: readonly Session[]
  readonly #watch: pg.Client

  /** @param watch a connection that is in no transaction */
  constructor(sessions: readonly Session[], watch: pg.Client) {
    this.#sessions = sessions
    this.#watch = watch
  }

  /**
   * Does something in a session, and waits until every session is at rest: done, or blocked by a transaction that
   * another session holds open.
   * @throws what any of the sessions threw
   */
  async step(session: Session, work: () => Promise<void>): Promise<void> {
    session.begin(work)
    await this.rest()
  }

  async rest(): Promise<void> {
    const limit = Date.now() + REST_WITHIN_MS
    for (;;) {
      // Lets what has been answered by now arrive.
      await new Promise((resolve) => setImmediate(resolve))
      const pending = this.#sessions.filter((session) => session.isPending)
      if (pending.length === 0) break
      await Promise.race([
        Promise.all(pending.map((session) => session.ended())),
        new Promise((resolve) => setTimeout(resolve, ASK_AFTER_MS)),
      ])
      if (!pending.every((session) => session.isPending)) continue
      if ((await this.#held(pending)) && pending.every((session) => session.isPending)) break
      if (Date.now() > limit) throw new Error('a session neither ended nor waits for another one')
    }
    for (const session of this.#sessions) session.rethrow()
  }

  /** Whether all of them wait, in the end, for transactions that nobody moves just now: no cycle, no stale answer. */
  async #held(pending: readonly Session[]): Promise<boolean> {
    const { rows } = await this.#watch.query<{ pid: number; open: number[]; waiting: number[] }>(
      `select waiting.pid,
         array(select a.pid from pg_stat_activity a
               where a.pid = any (b.pids) and a.state like 'idle in transaction%') as open,
         array(select pid from unnest(b.pids) pid where pid = any ($1)) as waiting
       from unnest($1::int[]) as waiting (pid), pg_blocking_pids(waiting.pid) as b (pids)`,
      [pending.map((session) => session.pid)],
    )
    const held = new Set<number>()
    for (let before = -1; before < held.size; ) {
      before = held.size
      for (const { pid, open, waiting } of rows) {
        const isBlocked = open.length + waiting.length > 0
        if (isBlocked && waiting.every((other) => held.has(other))) held.add(pid)
      }
    }
    return held.size === rows.length
  }
}
