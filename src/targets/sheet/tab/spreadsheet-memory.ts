import { type Zone, zoneOf } from '../cells/zone.ts'
import { Fence } from '../google/fence.ts'
import type { TabMemory } from './memory.ts'

/** What a process remembers of a spreadsheet between batches. */
export class SpreadsheetMemory {
  /** Tabs by target name. */
  readonly tabs = new Map<string, TabMemory>()
  /** The spreadsheet's time zone, as last read. */
  zone: Zone = zoneOf('Etc/UTC')
  /** True when the list of tabs has to be read anew. */
  isStale = false
  readonly fence: Fence

  constructor(fence = new Fence(false, 0)) {
    this.fence = fence
  }

  /** True when records of a tab were dealt with while other rows of it were not looked at. */
  get isTouched(): boolean {
    return [...this.tabs.values()].some(({ positions }) => positions.isTouched)
  }

  /** A call was applied. @param neverCame whether those that were lost before it have not been, and cannot any more */
  applied(neverCame: boolean): void {
    if (neverCame) for (const { lostCalls } of this.tabs.values()) lostCalls.neverCame()
  }

  /** Nothing that was remembered fits: read everything again. */
  forgetPlaces(): void {
    this.isStale = true
    for (const tab of this.tabs.values()) tab.forgetPlaces()
  }
}
