import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, launchChromium } from '../../tools/chromium.ts'
import { terminalHtml, terminalPage } from '../../tools/pictures/terminal-page.ts'

describe('what a terminal shows, as HTML', () => {
  it('has its colours, and text as text', () => {
    const output =
      '\u001B[1m\u001B[31mBROKEN\u001B[39m\u001B[22m <a> & b \u001B[2m\u001B[32m░\u001B[39m x\u001B[22m!'
    expect(terminalHtml(output)).toBe(
      '<span class="bold red">BROKEN</span> &lt;a&gt; &amp; b <span class="dim green">░</span><span class="dim"> x</span>!',
    )
  })

  it('refuses a colour that it does not know, rather than losing it', () => {
    expect(() => terminalHtml('\u001B[35mx\u001B[39m')).toThrow('no style for code 35')
  })
})

describe.skipIf(!chromiumPath)('the page, in a browser (skipped where there is no Chromium)', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? '')
  })
  afterAll(() => browser.close())

  it('has room for all columns: the blocks of a bar and the letters are as wide as each other', async () => {
    const lines = ['x'.repeat(80), `${'█'.repeat(20)}${'░'.repeat(20)}${'x'.repeat(40)}`]
    const page = await browser.newPage()
    await page.setContent(terminalPage('writeback status', lines.join('\n'), 80))
    const { content, box, heights } = await page.locator('pre').evaluate((pre) => ({
      content: pre.scrollWidth,
      box: pre.clientWidth,
      heights: pre.clientHeight,
    }))
    expect(content).toBe(box)
    // The command and two lines, none of them broken.
    expect(heights).toBe(16 + 3 * 21 + 20)
  })
})
