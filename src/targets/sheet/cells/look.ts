import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'

/** What a cell has beside its value: the part that a refused edit is marked with. */
export interface CellLook {
  /** The cell's note; empty for none. */
  readonly note: string
  /** Its background as one word, see {@link colorText}; null for none of its own. */
  readonly color: string | null
}

/** What a row looks like: looks by column of the tab. A plain cell is left out. */
export type RowLooks = ReadonlyMap<number, CellLook>

/** A cell without note and background. */
export const PLAIN: CellLook = { note: '', color: null }

/** The fields of a cell that make up its look, as a mask. Google keeps a colour twice, and reads the `Style` first. */
export const LOOK_FIELDS = 'note,userEnteredFormat.backgroundColor,userEnteredFormat.backgroundColorStyle'

/** The look of a cell that was read with {@link LOOK_FIELDS}; undefined for a plain one. */
export function lookOf(cell: sheets_v4.Schema$CellData | null | undefined): CellLook | undefined {
  const note = cell?.note ?? ''
  const { backgroundColor, backgroundColorStyle } = cell?.userEnteredFormat ?? {}
  const color = colorText(
    backgroundColorStyle ?? (backgroundColor ? { rgbColor: backgroundColor } : undefined),
  )
  return note === '' && color === null ? undefined : { note, color }
}

/** A look as the API takes it, to be written with {@link LOOK_FIELDS}: what is absent is taken away. */
export function toLookData({ note, color }: CellLook): sheets_v4.Schema$CellData {
  const style = color === null ? undefined : styleOf(color)
  return {
    ...(note !== '' && { note }),
    ...(style && {
      userEnteredFormat: {
        ...(style.rgbColor && { backgroundColor: style.rgbColor }),
        backgroundColorStyle: style,
      },
    }),
  }
}

export function sameLook(a: CellLook, b: CellLook): boolean {
  return a.note === b.note && a.color === b.color
}

/**
 * A colour as one word: `#fff2cc`; the name of a colour of the spreadsheet's theme; `rgb(0.5/0.25/1)` for one that a
 * program set between the steps of the palette.
 */
function colorText(style: sheets_v4.Schema$ColorStyle | undefined): string | null {
  if (style?.themeColor) return style.themeColor
  if (!style?.rgbColor) return null
  const { red, green, blue } = style.rgbColor
  const parts = [red ?? 0, green ?? 0, blue ?? 0]
  const bytes = parts.map((part) => Math.round(part * 255))
  const isInSteps = parts.every((part, at) => Math.abs(part * 255 - (bytes[at] as number)) < 0.001)
  if (!isInSteps) return `rgb(${parts.join('/')})`
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** The colour that {@link colorText} names; undefined for a text that is none. */
function styleOf(text: string): sheets_v4.Schema$ColorStyle | undefined {
  if (/^[A-Z][A-Z0-9_]+$/.test(text)) return { themeColor: text }
  const parts = /^#[0-9a-f]{6}$/.test(text)
    ? [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16) / 255)
    : (/^rgb\(([\d.e-]+)\/([\d.e-]+)\/([\d.e-]+)\)$/.exec(text)?.slice(1).map(Number) ?? [])
  const [red, green, blue] = parts
  if (red === undefined || !parts.every((part) => part >= 0 && part <= 1)) return undefined
  return { rgbColor: { red, green: green as number, blue: blue as number } }
}
