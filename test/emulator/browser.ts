import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'

/** Where Chromium usually is; CHROMIUM_PATH names another place. */
const PLACES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The browser of this machine; undefined when there is none. */
export const chromiumPath = PLACES.find((path) => path !== undefined && existsSync(path))

/** One headless browser for the tests of a file. A script that throws on the page fails the test. */
export function useBrowser(): { open(url: string): Promise<Page> } {
  let browser: Browser
  let errors: string[] = []
  beforeAll(async () => {
    if (!chromiumPath) return
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
      ],
    })
  })
  afterEach(() => {
    expect(errors).toEqual([])
    errors = []
  })
  afterAll(() => browser?.close())
  return {
    open: async (url) => {
      const page = await browser.newPage({ viewport: { width: 1200, height: 700 } })
      page.setDefaultTimeout(20_000)
      page.on('pageerror', (error) => errors.push(error.message))
      await page.goto(url)
      return page
    },
  }
}
