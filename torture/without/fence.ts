import { Fence as Fenced } from '../../src/targets/sheet/google/fence.ts'

export { FENCE_KEY, type FencePart } from '../../src/targets/sheet/google/fence.ts'

/** Carries nothing: every write is applied, whenever it arrives. */
export class Fence extends Fenced {
  override get isKnown(): boolean {
    return true
  }

  override next(): undefined {
    return undefined
  }
}
