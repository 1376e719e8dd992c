import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const run = promisify(execFile)
const { bin, engines } = JSON.parse(readFileSync('package.json', 'utf8'))
const least: string = engines.node.replace('>=', '')

/** Starts a program of the package under a Node that says it has another version. */
async function startedWith(version: string, program: string, ...args: string[]) {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require('${program}')`
  try {
    const { stdout, stderr } = await run(process.execPath, ['-e', pretend, '--', ...args])
    return { code: 0, stdout, stderr }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

describe.each(Object.entries(bin as Record<string, string>))('%s', (_name, program) => {
  test.each(['0.10.48', '20.20.2', '22.11.0'])('on Node %s: one line that says which', async (version) => {
    for (const args of [['worker'], ['--help']]) {
      const { code, stdout, stderr } = await startedWith(version, program, ...args)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^NODE_TOO_OLD [^\n]+\n$/)
      expect(stderr).toContain(`expected Node ${least} or newer, got ${version} (${process.execPath})`)
    }
  })
})

test('22.12 and newer are new enough', async () => {
  const check = (version: string) =>
    run(process.execPath, [
      '-p',
      `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require('./bin/check-node.cjs')()`,
    ])
  for (const version of ['22.12.0', '22.100.0', '24.0.0', '100.1.2']) {
    expect((await check(version)).stdout).toBe('true\n')
  }
})

test('what looks at Node is written for the oldest one', () => {
  const first = readdirSync('bin').filter((name) => name !== 'start.cjs')
  expect(first).toContain('check-node.cjs')
  for (const name of first) {
    const code = readFileSync(`bin/${name}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|^#!.*$/gm, '')
    expect(code).not.toMatch(/=>|`|\b(const|let|class|async|import)\b|node:|\?\.|\?\?|,\s*\)/)
  }
})
