import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../cli/program.ts'
import { documents } from './snippets.ts'

/** Every `writeback ...` in code of README and docs, as words. */
const uses = documents().flatMap((path) => {
  const text = readFileSync(path, 'utf8')
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, language]) => language !== 'ts' && language !== 'sql')
    .map((match) => match[2] as string)
  const spans = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(
    (match) => match[1] as string,
  )
  return [...blocks.flatMap((block) => block.split('\n')), ...spans]
    .map((line) => /(?:^|npx |: )writeback ([a-z-][^#|]*)/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) => ({ path, words: line.trim().split(/\s+/) }))
})

/** Options a command takes, with those of the program and what every command has. */
const optionsOf = (command: Command, program: Command) =>
  [...command.options, ...program.options].flatMap(({ short, long }) => [short, long, '-h', '--help'])

test('commands and options that README and docs show exist', () => {
  const program = createProgram()
  const wrong = uses.flatMap(({ path, words }) => {
    const first = words.findIndex((word, at) => !word.startsWith('-') && !words[at - 1]?.startsWith('-'))
    if (words[first] === 'help') return []
    const command = program.commands.find((one) => one.name() === words[first])
    if (!command) return [`${path}: writeback ${words.join(' ')}`]
    const known = optionsOf(command, program)
    return words
      .filter((word) => /^--?[a-z]/.test(word) && !known.includes(word.replace(/[=,;.)].*$/, '')))
      .map((word) => `${path}: writeback ${words.join(' ')} (${word})`)
  })
  expect(uses.length).toBeGreaterThan(20)
  expect(wrong).toEqual([])
})

test('every command is in the documentation', () => {
  const shown = new Set(uses.flatMap(({ words }) => words))
  expect(
    createProgram()
      .commands.map((one) => one.name())
      .filter((name) => !shown.has(name)),
  ).toEqual([])
})
