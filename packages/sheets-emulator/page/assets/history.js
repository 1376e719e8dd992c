// Who changed what: a list at the side.
const time = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** `Anna wrote B2 at 10:12:03` */
export function sentence({ at, who, what }) {
  return `${who} ${what} at ${time.format(at)}`
}

/** Shows the latest changes, newest first. */
export function showHistory(list, entries) {
  list.replaceChildren(
    ...entries.map(({ at, who, what }) => {
      const item = document.createElement('li')
      const name = document.createElement('b')
      name.textContent = who
      const when = document.createElement('time')
      when.textContent = time.format(at)
      item.append(name, ` ${what}`, when)
      return item
    }),
  )
}
