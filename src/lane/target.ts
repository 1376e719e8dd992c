/** A target, as far as a lane looks at it. */
export interface LaneTarget {
  /** Name in jobs, tables and logs. */
  readonly name: string
}
