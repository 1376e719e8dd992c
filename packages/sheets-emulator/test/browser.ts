import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { chromiumPath, launchChromium } from '../../../tools/chromium.ts'

/** One headless browser for the tests of a file. A script that throws on the page fails the test. */
export function useBrowser(): { open(url: string): Promise<Page> } {
  let browser: Browser
  let errors: string[] = []
  beforeAll(async () => {
    if (!chromiumPath) return
    browser = await launchChromium(chromiumPath)
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
