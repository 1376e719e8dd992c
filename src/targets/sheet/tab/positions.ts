import type { KeyColumn } from './key-column.ts'

/**
 * In which row each record stood when it was last seen: a hint that saves reading the whole key column. What is read
 * at the row decides. Takes about twenty bytes a row, whatever the ids are.
 */
export class Positions {
  /** Hash of the key by row; 0 where there is none. */
  #hashes = new Float64Array(0)
  /** 1 for rows of records that were dealt with while other rows were not looked at. */
  #touched = new Uint8Array(0)
  #length = 0
  /** Open addressing: row + 1 by hash; built when it is first needed. */
  #index: Uint32Array | undefined
  #isForgotten = false

  /** What a key column that was read whole shows. */
  static of(keys: KeyColumn): Positions {
    const positions = new Positions()
    positions.#grow(keys.endRow)
    for (const [row, key] of keys.entries()) positions.#hashes[row] = hash(key)
    return positions
  }

  /** Rows known, header included. */
  get length(): number {
    return this.#length
  }

  /** Whether a row showed this key when it was last seen. */
  has(row: number, key: string): boolean {
    return row < this.#length && this.#hashes[row] === hash(key)
  }

  /** No row is named any more; which records were dealt with stays known. */
  forget(): void {
    this.#isForgotten = true
  }

  /** Takes one row. */
  set(row: number, key: string): void {
    this.#grow(row + 1)
    const value = hash(key)
    if (this.#hashes[row] === value) return
    this.#hashes[row] = value
    if (this.#index) insert(this.#index, value, row)
  }

  /** True when a record was dealt with while other rows were not looked at. */
  get isTouched(): boolean {
    return this.#touched.includes(1)
  }

  /** Takes note that the record in a row was dealt with, and that nobody looked for other rows with its key. */
  touch(row: number): void {
    if (row < this.#length) this.#touched[row] = 1
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
      this.#touched.copyWithin(to, from, end)
      to += end - from
    })
    this.#length = to
    this.#index = undefined
  }

  /** The rows where a key probably is: more than one where a person copied a row. */
  rowsOf(key: string): readonly number[] {
    return this.#isForgotten ? [] : this.#rows(hash(key))
  }

  /**
   * Of the records that stand in several rows, those that were touched before.
   * @param keys the column that these positions were made from
   * @param before what was known until then
   */
  copied(keys: KeyColumn, before: Positions): string[] {
    if (!before.isTouched) return []
    const several = new Set<string>()
    for (const [row, key] of keys.entries()) {
      const first = this.#rows(hash(key))[0]
      if (first !== undefined && first < row) several.add(key)
    }
    return [...several].filter((key) => before.#rows(hash(key)).some((row) => before.#touched[row] === 1))
  }

  #rows(wanted: number): readonly number[] {
    if (this.#length === 0) return []
    const index = this.#index ?? this.#build()
    const mask = index.length - 1
    const rows: number[] = []
    for (let slot = slotOf(wanted, mask); index[slot] !== 0; slot = (slot + 1) & mask) {
      const row = (index[slot] as number) - 1
      if (row < this.#length && this.#hashes[row] === wanted && !rows.includes(row)) rows.push(row)
    }
    return rows
  }

  #grow(length: number): void {
    if (length > this.#hashes.length) {
      const size = Math.max(length, Math.ceil(this.#hashes.length * 1.5), 1024)
      this.#hashes = larger(this.#hashes, new Float64Array(size))
      this.#touched = larger(this.#touched, new Uint8Array(size))
    }
    if (length > this.#length) {
      this.#hashes.fill(0, this.#length, length)
      this.#touched.fill(0, this.#length, length)
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
      if (value !== 0) insert(index, value, row)
    }
    this.#index = index
    return index
  }
}

function insert(index: Uint32Array, value: number, row: number): void {
  const mask = index.length - 1
  let slot = slotOf(value, mask)
  while (index[slot] !== 0) slot = (slot + 1) & mask
  index[slot] = row + 1
}

function slotOf(value: number, mask: number): number {
  return (value % 2 ** 32) & mask
}

function larger<Values extends Float64Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from)
  return to
}

/** 53 bits, never 0: FNV-1a over UTF-16 units, twice. Two of a million ids have one hash once in 20,000 tabs. */
function hash(text: string): number {
  let low = 0x811c9dc5
  let high = 0x050c5d1f
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ unit, 0x5bd1e995)
  }
  return (mixed(high) & 0x1fffff) * 2 ** 32 + mixed(low) || 1
}

/** The low bits of similar ids are alike. */
function mixed(value: number): number {
  const once = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (once ^ (once >>> 13)) >>> 0
}
