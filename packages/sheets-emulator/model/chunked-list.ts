/**
 * A list in pieces of about a thousand entries. Inserting or deleting in the middle moves one piece and not the
 * tail of the list, so that a thousand deletions in a tab of a million rows stay cheap.
 */
export class ChunkedList<T> {
  static readonly #TARGET = 1024
  #chunks: T[][] = []
  /** Index of the first entry of each chunk; right up to and including #validUntil. */
  #starts: number[] = []
  #validUntil = -1
  #length = 0
  #last = 0

  get length(): number {
    return this.#length
  }

  /** @returns the entry at `index`, or undefined past the end */
  get(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    const chunk = this.#find(index)
    return this.#chunks[chunk]![index - this.#starts[chunk]!]
  }

  /** Replaces the entry at `index`, which must exist. */
  set(index: number, value: T): void {
    if (index < 0 || index >= this.#length) throw new RangeError(`index ${index} of ${this.#length}`)
    const chunk = this.#find(index)
    this.#chunks[chunk]![index - this.#starts[chunk]!] = value
  }

  /** Adds an entry at the end. */
  push(value: T): void {
    const lastChunk = this.#chunks.at(-1)
    if (lastChunk && lastChunk.length < ChunkedList.#TARGET) lastChunk.push(value)
    else this.#chunks.push([value])
    this.#length++
  }

  /** Inserts entries before `index` (0..length). */
  insert(index: number, values: readonly T[]): void {
    if (index < 0 || index > this.#length) throw new RangeError(`index ${index} of ${this.#length}`)
    if (values.length === 0) return
    if (index === this.#length) {
      for (const value of values) this.push(value)
      return
    }
    const at = this.#find(index)
    const chunk = this.#chunks[at]!
    const merged = chunk
      .slice(0, index - this.#starts[at]!)
      .concat(values, chunk.slice(index - this.#starts[at]!))
    const pieces = merged.length > 2 * ChunkedList.#TARGET ? split(merged, ChunkedList.#TARGET) : [merged]
    this.#replace(at, 1, pieces)
    this.#length += values.length
  }

  /** Removes `count` entries from `index` on and returns them; those past the end do not count. */
  remove(index: number, count: number): T[] {
    const end = Math.min(index + count, this.#length)
    if (index < 0 || index >= end) return []
    const first = this.#find(index)
    const last = this.#find(end - 1)
    const head = this.#chunks[first]!.slice(0, index - this.#starts[first]!)
    const tail = this.#chunks[last]!.slice(end - this.#starts[last]!)
    const removed: T[] = []
    for (let i = first; i <= last; i++) {
      const start = this.#starts[i]!
      const chunk = this.#chunks[i]!
      for (let j = Math.max(index - start, 0); j < Math.min(end - start, chunk.length); j++)
        removed.push(chunk[j]!)
    }
    const rest = head.concat(tail)
    // A small remainder joins its neighbour, so that many deletions do not leave a trail of tiny chunks.
    const next = this.#chunks[last + 1]
    if (next && rest.length + next.length <= ChunkedList.#TARGET) {
      this.#replace(first, last - first + 2, [rest.concat(next)])
    } else {
      this.#replace(first, last - first + 1, rest.length > 0 ? [rest] : [])
    }
    this.#length -= removed.length
    return removed
  }

  /** Removes and returns the last entry. */
  pop(): T | undefined {
    return this.remove(this.#length - 1, 1)[0]
  }

  /** Calls `visit` for the entries of `[from, to)` in order, without looking each of them up. */
  forEach(from: number, to: number, visit: (value: T, index: number) => void): void {
    const end = Math.min(to, this.#length)
    let index = Math.max(from, 0)
    if (index >= end) return
    for (let chunk = this.#find(index); index < end; chunk++) {
      const entries = this.#chunks[chunk]!
      const start =
        this.#starts[chunk] === undefined || chunk > this.#validUntil
          ? this.#startOf(chunk)
          : this.#starts[chunk]!
      for (let j = index - start; j < entries.length && index < end; j++, index++) visit(entries[j]!, index)
    }
  }

  #replace(at: number, count: number, chunks: T[][]): void {
    this.#chunks.splice(at, count, ...chunks)
    this.#validUntil = Math.min(this.#validUntil, at - 1)
    this.#starts.length = Math.min(this.#starts.length, at)
    this.#last = 0
  }

  #startOf(chunk: number): number {
    for (let i = this.#validUntil + 1; i <= chunk; i++) {
      this.#starts[i] = i === 0 ? 0 : this.#starts[i - 1]! + this.#chunks[i - 1]!.length
    }
    this.#validUntil = Math.max(this.#validUntil, chunk)
    return this.#starts[chunk]!
  }

  #find(index: number): number {
    const last = this.#last
    if (last <= this.#validUntil && last < this.#chunks.length) {
      const start = this.#starts[last]!
      if (index >= start && index < start + this.#chunks[last]!.length) return last
    }
    this.#startOf(this.#chunks.length - 1)
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= index) low = middle
      else high = middle - 1
    }
    this.#last = low
    return low
  }
}

function split<T>(values: T[], size: number): T[][] {
  const pieces: T[][] = []
  for (let i = 0; i < values.length; i += size) pieces.push(values.slice(i, i + size))
  return pieces
}
