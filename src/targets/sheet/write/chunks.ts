import type { RecordDecision } from '../decide/decide-record.ts'

/** What one call writes: decisions by tab. */
export type Chunk<Tab> = Map<Tab, RecordDecision[]>

/** Bytes of a request around its cells, and of a cell around its value. */
const REQUEST_BYTES = 150
const CELL_BYTES = 45

/**
 * Divides decisions into calls of at most about `maxBytes`: cells and new rows first, then removals from the bottom
 * up, so that no call moves rows that a later one names. A record that is larger than that goes alone.
 *
 * @param tabs decisions that do something, by tab
 */
export function chunksOf<Tab>(
  tabs: ReadonlyMap<Tab, readonly RecordDecision[]>,
  maxBytes: number,
): Chunk<Tab>[] {
  const chunks: Chunk<Tab>[] = []
  let bytes = 0
  const put = (tab: Tab, decision: RecordDecision) => {
    const size = sizeOf(decision)
    if (chunks.length === 0 || (bytes > 0 && bytes + size > maxBytes)) {
      chunks.push(new Map())
      bytes = 0
    }
    bytes += size
    const chunk = chunks.at(-1) as Chunk<Tab>
    const own = chunk.get(tab)
    if (own) own.push(decision)
    else chunk.set(tab, [decision])
  }
  for (const [tab, decisions] of tabs) {
    for (const decision of decisions) if (decision.action.kind !== 'remove') put(tab, decision)
  }
  for (const [tab, decisions] of tabs) {
    const removals = decisions
      .filter(({ action }) => action.kind === 'remove')
      .sort((a, b) => rowOf(b) - rowOf(a))
    for (const decision of removals) put(tab, decision)
  }
  return chunks
}

function sizeOf({ id, action }: RecordDecision): number {
  if (action.kind === 'update' || action.kind === 'append') {
    let bytes = REQUEST_BYTES + CELL_BYTES + id.length
    const marks = action.kind === 'update' ? action.marks?.values() : undefined
    for (const { note } of marks ?? []) bytes += 2 * REQUEST_BYTES + Buffer.byteLength(note)
    for (const value of action.cells.values())
      bytes += CELL_BYTES + (typeof value === 'string' ? Buffer.byteLength(value) : 8)
    return bytes
  }
  return REQUEST_BYTES
}

function rowOf({ action }: RecordDecision): number {
  return action.kind === 'remove' ? action.row : -1
}
