import { readFileSync } from 'node:fs'
import { csvParse } from 'd3-dsv'

/** An airport as the demo writes it. */
export interface Airport {
  readonly iata: string
  readonly name: string
  readonly city: string | null
  readonly state: string | null
  readonly country: string
  readonly latitude: number
  readonly longitude: number
}

/** The 3,376 airports that the npm package vega-datasets ships. The file writes NA where nothing is known. */
export function airports(): readonly Airport[] {
  // The package exports functions that fetch from the web; the files themselves lie beside them.
  const file = new URL('../node_modules/vega-datasets/data/airports.csv', import.meta.url)
  return csvParse(readFileSync(file, 'utf8')).map((row) => ({
    iata: text(row.iata),
    name: text(row.name),
    city: known(row.city),
    state: known(row.state),
    country: text(row.country),
    latitude: Number(row.latitude),
    longitude: Number(row.longitude),
  }))
}

function text(value: string | undefined): string {
  return value ?? ''
}

function known(value: string | undefined): string | null {
  return value === undefined || value === 'NA' ? null : value
}
