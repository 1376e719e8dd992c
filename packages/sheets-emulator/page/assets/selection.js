// Cells that are selected, and the version of the spreadsheet in which they are where this says.
export class Selection {
  /** Where it began: the cell that is typed into. */
  anchor
  /** The corner across. */
  corner
  version

  constructor(anchor, corner, version) {
    Object.assign(this, { anchor, corner, version })
  }

  get top() {
    return Math.min(this.anchor.row, this.corner.row)
  }
  get bottom() {
    return Math.max(this.anchor.row, this.corner.row)
  }
  get left() {
    return Math.min(this.anchor.column, this.corner.column)
  }
  get right() {
    return Math.max(this.anchor.column, this.corner.column)
  }
  get cells() {
    return (this.bottom - this.top + 1) * (this.right - this.left + 1)
  }

  has(row, column) {
    return row >= this.top && row <= this.bottom && column >= this.left && column <= this.right
  }

  /** Query parameters that ask where these cells are now. */
  get query() {
    return `row=${this.top}&endRow=${this.bottom + 1}&column=${this.left}&endColumn=${this.right + 1}&asOf=${this.version}`
  }

  /** The same cells where they are in another version. */
  movedTo([startRow, endRow, startColumn, endColumn], version) {
    const shift = ({ row, column }) => ({
      row: row === this.top ? startRow : endRow - 1,
      column: column === this.left ? startColumn : endColumn - 1,
    })
    return new Selection(shift(this.anchor), shift(this.corner), version)
  }
}
