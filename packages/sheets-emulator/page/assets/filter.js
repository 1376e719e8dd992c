// The list of a filter: which values of a column are shown.

/**
 * Opens the list below a column's letter.
 * @param texts all texts of the column
 * @param hidden those that are hidden now
 * @param apply apply(texts to hide)
 */
export function openFilter(th, texts, hidden, apply) {
  document.getElementById('filter-list')?.remove()
  const list = document.createElement('form')
  list.id = 'filter-list'
  const { left, bottom } = th.getBoundingClientRect()
  list.style.left = `${left}px`
  list.style.top = `${bottom}px`
  const boxes = texts.map((text) => {
    const label = document.createElement('label')
    const box = document.createElement('input')
    box.type = 'checkbox'
    box.checked = !hidden.includes(text)
    label.append(box, text === '' ? '(Blanks)' : text)
    list.append(label)
    return [text, box]
  })
  const buttons = document.createElement('div')
  const button = (name, click) => {
    const made = document.createElement('button')
    made.type = 'button'
    made.textContent = name
    made.onclick = click
    buttons.append(made)
  }
  const checkAll = (checked) => {
    for (const [, box] of boxes) box.checked = checked
  }
  button('All', () => checkAll(true))
  button('None', () => checkAll(false))
  button('OK', () => {
    list.remove()
    apply(boxes.filter(([, box]) => !box.checked).map(([text]) => text))
  })
  list.append(buttons)
  list.onkeydown = ({ key }) => key === 'Escape' && list.remove()
  document.body.append(list)
  list.querySelector('input, button')?.focus()
}
