/** The text of a header as the sheet's are compared: composed, without outer spaces, and with single ones inside. */
export function headerText(text: string): string {
  return text.normalize('NFC').trim().replace(/\s+/g, ' ')
}

/** The same without regard to case: two headers that are equal so cannot be told apart in a tab. */
export function headerKey(text: string): string {
  return headerText(text).toLowerCase()
}
