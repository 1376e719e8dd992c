// Which rows are shown: a filter or a person hides some. Positions count shown rows, rows count all.
export class Visible {
  #runs
  #before
  #rowCount

  /** @param hidden runs [from, to) of rows that are not shown, in order */
  constructor(rowCount, hidden = []) {
    this.#rowCount = rowCount
    this.#runs = hidden
    let sum = 0
    this.#before = hidden.map(([from, to]) => {
      const before = sum
      sum += to - from
      return before
    })
    this.count = rowCount - sum
  }

  /** The row at a position. */
  rowAt(position) {
    // The last run that begins at or before the row that is shown there.
    let [low, high] = [0, this.#runs.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#runs[middle][0] - this.#before[middle] <= position) low = middle + 1
      else high = middle
    }
    if (low === 0) return position
    const [from, to] = this.#runs[low - 1]
    return position + this.#before[low - 1] + to - from
  }

  /** The position of a row, or of the next one that is shown. */
  positionOf(row) {
    let [low, high] = [0, this.#runs.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#runs[middle][0] <= row) low = middle + 1
      else high = middle
    }
    if (low === 0) return Math.min(row, this.#rowCount)
    const [from, to] = this.#runs[low - 1]
    return Math.max(row, to) - (this.#before[low - 1] + to - from)
  }
}
