import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { ROOT, startProcess } from '../../demo/processes.ts'
import { chromiumPath, launchChromium } from '../chromium.ts'
import { showOutput } from './show-output.ts'
import { statusOutput } from './status-output.ts'
import { terminalPage } from './terminal-page.ts'

/*
 * `npm run pictures`: makes the pictures of the documentation from what the programs show. `npm run pictures -- status`
 * makes one of them.
 */

/** The width for which the command line is made. */
const COLUMNS = 80

/** The demo writes and proves some thousand records first. */
const DEMO_WITHIN_MS = 180_000

const PICTURES: Readonly<Record<string, (browser: Browser) => Promise<void>>> = {
  'status.png': takeStatus,
  'show.png': takeShow,
  'demo.png': takeDemo,
}

if (chromiumPath === undefined) {
  process.stderr.write('There is no Chromium to draw with: install it, or name it in CHROMIUM_PATH.\n')
  process.exit(1)
}
const wanted = process.argv.slice(2)
const known = Object.keys(PICTURES)
const unknown = wanted.filter((name) => !known.includes(`${name}.png`))
if (unknown.length > 0) {
  process.stderr.write(
    `no picture ${unknown.join(', ')}: npm run pictures -- [${known.join('|').replaceAll('.png', '')}]\n`,
  )
  process.exit(2)
}
const browser = await launchChromium(chromiumPath)
try {
  for (const [file, take] of Object.entries(PICTURES)) {
    if (wanted.length > 0 && !wanted.includes(file.replace('.png', ''))) continue
    await take(browser)
    process.stdout.write(`docs/${file}\n`)
  }
} finally {
  await browser.close()
}

async function takeStatus(browser: Browser): Promise<void> {
  await takeTerminal(browser, 'status.png', 'npx writeback status', await statusOutput(COLUMNS))
}

async function takeShow(browser: Browser): Promise<void> {
  const { command, output } = await showOutput(COLUMNS)
  await takeTerminal(browser, 'show.png', command, output)
}

async function takeTerminal(browser: Browser, file: string, command: string, output: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, deviceScaleFactor: 2 })
  await page.setContent(terminalPage(command, output, COLUMNS))
  await page.locator('body').screenshot({ path: pathOf(file) })
  await page.close()
}

/** The sheet of the demo, when everything is in it and somebody has typed nonsense. */
async function takeDemo(browser: Browser): Promise<void> {
  const demo = await startProcess('demo/main.ts', [], {}, /The sheet +(http\S+)/, DEMO_WITHIN_MS)
  try {
    const page = await browser.newPage({ viewport: { width: 1990, height: 440 } })
    const address = demo.ready[1] ?? ''
    await typeNonsense(address)
    await page.goto(address)
    await page.getByText('Requests', { exact: true }).click()
    await page.getByText('is no whole number').waitFor({ timeout: 30_000 })
    await page.screenshot({ path: pathOf('demo.png') })
    await page.close()
  } finally {
    await demo.stop()
  }
}

/** As a person types into the second row of the requests. @param address of the sheet for people */
async function typeNonsense(address: string): Promise<void> {
  const api = address.replace('/spreadsheets/d/', '/v4/spreadsheets/').replace(/\/edit.*/, '/values')
  const call = (range: string, init: RequestInit = {}) =>
    fetch(`${api}/${range}`, { ...init, headers: { authorization: 'Bearer demo' } })
  const { values } = (await (await call('Requests!1:1')).json()) as { values: string[][] }
  const column = String.fromCharCode(65 + (values[0]?.indexOf('Travellers') ?? 0))
  const body = JSON.stringify({ values: [['a few']] })
  await call(`Requests!${column}3?valueInputOption=USER_ENTERED`, { method: 'PUT', body })
}

function pathOf(file: string): string {
  return join(ROOT, 'docs', file)
}
