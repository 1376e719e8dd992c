import type { Random } from '../random.ts'
import type { Stage } from '../stage/stage.ts'

/** What a fault strikes. */
export type FaultGroup = 'worker' | 'database' | 'api' | 'places' | 'deploy'

/** Something that goes wrong for a while. */
export interface Fault {
  inject(): Promise<void>
  /** Makes it right again; called once, after {@link inject}. */
  heal(): Promise<void>
}

/** A kind of fault. */
export interface FaultKind {
  /** For lists and counts. */
  readonly kind: string
  readonly group: FaultGroup
  /** How often it is chosen. */
  readonly weight: number
  /** How long it lasts, in milliseconds. */
  readonly lasts: readonly [least: number, most: number]
  /** Prepares one; what it strikes depends on `random`. */
  make(stage: Stage, random: Random): Fault
}

/** A fault that needs no healing: what it strikes comes back by itself. */
export async function nothingToHeal(): Promise<void> {}
