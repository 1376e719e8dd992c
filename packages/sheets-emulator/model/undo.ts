/**
 * The undo log of one transaction. Every change to the model records how to take it back, so that a batch of
 * requests is atomic without copying the spreadsheet first: the cost of a batch is what it touches, however
 * large the tab is.
 */
export class UndoLog {
  #steps: (() => void)[] = []
  #id = 0

  /** Number of the transaction in progress. A row that carries it has already been saved in this one. */
  get id(): number {
    return this.#id
  }

  /** Starts a transaction. */
  begin(): void {
    this.#steps = []
    this.#id++
  }

  /** @param step takes back a change that was made, or one that cannot fail and is about to be made */
  record(step: () => void): void {
    this.#steps.push(step)
  }

  /** True when the transaction changed anything. */
  get dirty(): boolean {
    return this.#steps.length > 0
  }

  /** Keeps what was done. */
  commit(): void {
    this.#steps = []
  }

  /**
   * Takes back everything since {@link begin}, last change first.
   * @throws AggregateError when steps failed, after all the others were done
   */
  rollback(): void {
    const steps = this.#steps
    this.#steps = []
    const failures: unknown[] = []
    for (let i = steps.length - 1; i >= 0; i--) {
      try {
        steps[i]!()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'A change could not be taken back.')
  }
}
