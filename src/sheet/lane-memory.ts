import { type Zone, zoneOf } from './cells/zone.ts'
import type { TabMemory } from './tab-memory.ts'

/** What a process remembers of a spreadsheet between batches. */
export class LaneMemory {
  /** Tabs by target name. */
  readonly tabs = new Map<string, TabMemory>()
  /** The spreadsheet's time zone, as last read. */
  zone: Zone = zoneOf('Etc/UTC')
  /** True when the list of tabs has to be read anew. */
  isStale = false

  /** Nothing that was remembered fits: read everything again. */
  forgetPlaces(): void {
    this.isStale = true
    for (const tab of this.tabs.values()) tab.forgetPlaces()
  }
}
