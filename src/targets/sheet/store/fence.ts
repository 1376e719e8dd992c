import { Fence } from '../google/fence.ts'

/** What `sync_lane.place` says of a spreadsheet. */
interface StoredFence {
  /** The last number used; 0 for none. */
  readonly fence: number
  /** `off` for an account that may not write developer metadata. */
  readonly fenceState: 'on' | 'off'
}

/** The fence that goes on from what is stored of a spreadsheet's lane. */
export function fenceOf({ fence = 0, fenceState = 'on' }: Partial<StoredFence>): Fence {
  return new Fence(fenceState !== 'off', fence)
}

/** What is stored of a fence. */
export function storedFence({ last, isOn }: Fence): StoredFence {
  return { fence: last, fenceState: isOn ? 'on' : 'off' }
}
