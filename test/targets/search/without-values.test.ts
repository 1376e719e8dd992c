import { expect, it } from 'vitest'
import { withoutValues } from '../../../src/targets/search/without-values.ts'

const document = { name: 'Ada Lovelace', age: 36, size: 'XL', tags: ['quiet words'], price: 12.5 }

it.each([
  [
    "failed to parse field [age] of type [integer]. Preview of field's value: 'Ada Lovelace'; For input string: \"Ada Lovelace\"",
    "failed to parse field [age] of type [integer]. Preview of field's value: '…'; For input string: \"…\"",
  ],
  ['invalid input syntax for type integer: "XL"', 'invalid input syntax for type integer: "…"'],
  ['value "12.5" is out of range', 'value "…" is out of range'],
  ["Preview: '{first=quiet words, b=2}'", "Preview: '…'"],
  ["Preview of a long value: 'quiet w'", "Preview of a long value: '…'"],
  ['got Ada Lovelace instead', 'got … instead'],
  ['violates check constraint "airport_check"', 'violates check constraint "airport_check"'],
  ['unsupported Unicode escape sequence', 'unsupported Unicode escape sequence'],
])('%s', (message, expected) => {
  expect(withoutValues(message, document)).toBe(expected)
})
