/**
 * In which row each record stood when it was last seen: a hint that saves a read. What is read at the row decides, so
 * that two ids with one hash do no harm. Takes eight bytes a row, whatever the ids are.
 */
export class Positions {
  /** Hash of the key by row; 0 where there is none. */
  #hashes = new Uint32Array(0)
  #length = 0
  /** Open addressing: row + 1 by hash; built when it is first needed. */
  #index: Uint32Array | undefined

  /** Rows known, header included. */
  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#hashes = new Uint32Array(0)
    this.#length = 0
    this.#index = undefined
  }

  /** Takes a whole key column. */
  replace(keys: readonly (string | undefined)[]): void {
    this.#hashes = new Uint32Array(keys.length)
    this.#length = keys.length
    for (let row = 0; row < keys.length; row++) {
      const key = keys[row]
      this.#hashes[row] = key === undefined ? 0 : hash(key)
    }
    this.#index = undefined
  }

  /** Takes one row. */
  set(row: number, key: string): void {
    this.#grow(row + 1)
    const value = hash(key)
    this.#hashes[row] = value
    if (this.#index) this.#insert(this.#index, value, row)
  }

  /** Takes note of removed rows: what stood below moves up. */
  remove(rows: Iterable<number>): void {
    const gone = [...new Set(rows)].filter((row) => row < this.#length).sort((a, b) => a - b)
    if (gone.length === 0) return
    let to = gone[0] as number
    gone.forEach((row, at) => {
      const from = row + 1
      const end = gone[at + 1] ?? this.#length
      this.#hashes.copyWithin(to, from, end)
      to += end - from
    })
    this.#length = to
    this.#index = undefined
  }

  /** The row where the record probably is. */
  find(key: string): number | undefined {
    if (this.#length === 0) return undefined
    const wanted = hash(key)
    const index = this.#index ?? this.#build()
    const mask = index.length - 1
    for (let slot = wanted & mask; index[slot] !== 0; slot = (slot + 1) & mask) {
      const row = (index[slot] as number) - 1
      if (row < this.#length && this.#hashes[row] === wanted) return row
    }
    return undefined
  }

  #grow(length: number): void {
    if (length > this.#hashes.length) {
      const larger = new Uint32Array(Math.max(length, Math.ceil(this.#hashes.length * 1.5), 1024))
      larger.set(this.#hashes.subarray(0, this.#length))
      this.#hashes = larger
    }
    if (length > this.#length) {
      this.#hashes.fill(0, this.#length, length)
      this.#length = length
    }
    // A table more than half full is slow to search.
    if (this.#index && this.#length * 2 > this.#index.length) this.#index = undefined
  }

  #build(): Uint32Array {
    let size = 1024
    while (size < this.#length * 3) size *= 2
    const index = new Uint32Array(size)
    for (let row = 0; row < this.#length; row++) {
      const value = this.#hashes[row] as number
      if (value !== 0) this.#insert(index, value, row)
    }
    this.#index = index
    return index
  }

  #insert(index: Uint32Array, value: number, row: number): void {
    const mask = index.length - 1
    let slot = value & mask
    while (index[slot] !== 0) slot = (slot + 1) & mask
    index[slot] = row + 1
  }
}

/** FNV-1a over UTF-16 units, never 0. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    value ^= text.charCodeAt(at)
    value = Math.imul(value, 0x01000193)
  }
  // The low bits of similar ids are alike: mix.
  value ^= value >>> 15
  value = Math.imul(value, 0x2c1b3c6d)
  value ^= value >>> 13
  return value >>> 0 || 1
}
