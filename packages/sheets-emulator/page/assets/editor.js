// The editor of one cell. It lies over the table, which goes on being drawn, and follows its cell when rows move.
export class Editor {
  /** The cell that is edited: { row, column, version }; undefined when none is. */
  at
  #input = document.createElement('input')
  #choices = document.createElement('datalist')
  #opened
  #done

  /** @param done done(at, text), when something else is in the editor than at first */
  constructor(layer, done) {
    this.#done = done
    this.#input.id = 'editor'
    this.#input.hidden = true
    this.#input.setAttribute('aria-label', 'Contents of the cell')
    this.#input.onblur = () => this.close(true)
    this.#choices.id = 'choices'
    layer.append(this.#input, this.#choices)
  }

  get isOpen() {
    return this.at !== undefined
  }

  get text() {
    return this.#input.value
  }

  /**
   * @param text what is in the cell, as it would be typed
   * @param typed what the person has typed to open it; undefined for the text itself
   * @param choices values of the cell's drop-down; undefined when it has none
   */
  open(at, td, text, typed, choices, onKey) {
    this.at = at
    this.#opened = text
    this.#input.value = typed ?? text
    this.#input.hidden = false
    if (choices) this.#input.setAttribute('list', 'choices')
    else this.#input.removeAttribute('list')
    this.#choices.replaceChildren(
      ...(choices ?? []).map((value) => Object.assign(document.createElement('option'), { value })),
    )
    this.#input.onkeydown = (event) => {
      event.stopPropagation()
      onKey(event)
    }
    this.placeAt(td)
    this.#input.focus()
    if (typed === undefined) this.#input.select()
  }

  /** Lies over the cell, or out of sight where the cell is. */
  placeAt(td) {
    const { style } = this.#input
    style.visibility = td ? 'visible' : 'hidden'
    if (!td) return
    style.left = `${td.offsetLeft}px`
    style.top = `${td.offsetTop}px`
    style.width = `${Math.max(td.offsetWidth, 160)}px`
  }

  /** Closes. Text that is still what it was is not written: a date or a long fraction stays what it is. */
  close(keep) {
    if (!this.isOpen) return
    const { at } = this
    this.at = undefined
    this.#input.hidden = true
    if (keep && this.#input.value !== this.#opened) this.#done(at, this.#input.value)
  }
}
