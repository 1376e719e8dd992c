import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'

/** A colour as it is kept: floats of 32 bits, zeros left out, as answers print it (recorded: 0.4980392156862745 -> 0.49803922). */
export function colorStyle(
  style: sheets_v4.Schema$ColorStyle | null | undefined,
  color: sheets_v4.Schema$Color | null | undefined,
): sheets_v4.Schema$ColorStyle | undefined {
  if (style?.themeColor) return { themeColor: style.themeColor }
  const rgb = style?.rgbColor ?? color
  if (!rgb) return undefined
  return {
    rgbColor: Object.fromEntries(
      Object.entries(rgb).flatMap(([name, value]) => (value ? [[name, float32(Number(value))]] : [])),
    ),
  }
}

/** The shortest decimal that is the same float of 32 bits. */
function float32(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === Math.fround(value)) return short
  }
  return Number(value.toPrecision(9))
}
