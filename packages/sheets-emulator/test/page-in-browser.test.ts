import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { chromiumPath } from '../../../tools/chromium.ts'
import { useBrowser } from './browser.ts'
import { until, useEmulator } from './support.ts'

const bench = useEmulator()
const browser = useBrowser()

let page: Page
afterEach(() => page?.close())

const NAMES = ['Anna', 'Bob', 'Cem', 'Dana', 'Eva', 'Finn', 'Gil']

/** A tab with a header and seven rows, open in the browser. */
async function opened(rows = 20) {
  const id = bench.make(rows)
  await bench.fill(id, [['ref', 'name', 'when', 'share'], ...NAMES.map((name, i) => [`R${i}`, name])])
  const other = bench.emulator.human(id)
  page = await browser.open(`${bench.emulator.url}spreadsheets/${id}`)
  await cell('name').waitFor()
  const column = async (name: string) => (await bench.read(id, `${name}1:${name}20`)).map(([text]) => text)
  return { id, other, column }
}

/** The cell that shows a text. */
function cell(text: string) {
  return page.locator(`#grid td`, { hasText: new RegExp(`^${text}$`) }).first()
}

function at(row: number, column: number) {
  return page.locator(`#grid tr[data-row="${row}"] td`).nth(column)
}

const editor = () => page.locator('#editor')
const tool = (name: string) => page.locator(`.tools button[data-act=${name}]`)

describe.skipIf(!chromiumPath)('the page, in a browser (skipped where there is no Chromium)', () => {
  test('text that is being typed lands in its cell though a row is put in above', async () => {
    const { other, column } = await opened()
    await cell('Finn').dblclick()
    await editor().fill('Finn B.')
    other.act('insertRows', { above: 3 })
    await cell('Gil').waitFor()
    await page.keyboard.press('Enter')
    await cell('Finn B\\.').waitFor()
    expect(await column('B')).toEqual([
      'name',
      'Anna',
      undefined,
      'Bob',
      'Cem',
      'Dana',
      'Eva',
      'Finn B.',
      'Gil',
    ])
  })

  test('the editor moves with its row', async () => {
    const { other } = await opened()
    await cell('Finn').dblclick()
    const before = await editor().boundingBox()
    other.act('insertRows', { above: 3, count: 2 })
    await until(
      async () => ((await editor().boundingBox())?.y ?? 0) - (before?.y ?? 0) === 44,
      'the editor to move',
    )
  })

  test('what was typed into a row that is deleted is shown, and goes nowhere else', async () => {
    const { other, column } = await opened()
    await cell('Cem').dblclick()
    await editor().fill('a long remark')
    other.act('deleteRows', { row: 4 })
    await page.locator('#problem', { hasText: 'a long remark' }).waitFor()
    expect(await column('B')).toEqual(['name', 'Anna', 'Bob', 'Dana', 'Eva', 'Finn', 'Gil'])
  })

  test('Delete row deletes the row that is selected, wherever it is by then', async () => {
    const { other, column } = await opened()
    await cell('Eva').click()
    // The page does not learn of the new rows before the button is clicked.
    const clicked = Promise.withResolvers<void>()
    await page.route('**/page/spreadsheets/**', async (route) => {
      await clicked.promise
      await route.continue()
    })
    other.act('insertRows', { above: 2, count: 3 })
    await tool('deleteRow').click()
    await until(async () => !(await column('B')).includes('Eva'), 'the row to go')
    clicked.resolve()
    expect((await column('B')).filter((name) => name)).toEqual([
      'name',
      'Anna',
      'Bob',
      'Cem',
      'Dana',
      'Finn',
      'Gil',
    ])
  })

  test('opening a cell and closing it changes nothing: a date stays a date, a fraction keeps its digits', async () => {
    const { id, other } = await opened()
    other.act('type', { cell: 'C2', text: '2026-03-01' })
    await bench.batch(id, {
      updateCells: {
        start: { sheetId: 0, rowIndex: 1, columnIndex: 3 },
        rows: [
          {
            values: [
              {
                userEnteredValue: { numberValue: 0.123456789 },
                userEnteredFormat: { numberFormat: { type: 'NUMBER', pattern: '0.000' } },
              },
            ],
          },
        ],
        fields: 'userEnteredValue,userEnteredFormat.numberFormat',
      },
    })
    await cell('0\\.123').waitFor()
    const version = () => bench.emulator.control.spreadsheets.find(id).version
    const before = version()
    for (const [column, text] of [
      [2, '2026-03-01'],
      [3, '0.123456789'],
    ] as const) {
      await at(1, column).dblclick()
      expect(await editor().inputValue()).toBe(text)
      await page.keyboard.press('Enter')
      await editor().waitFor({ state: 'hidden' })
    }
    // Something that must come after what would have been written.
    await at(2, 2).click()
    await page.keyboard.type('x')
    await page.keyboard.press('Enter')
    await until(() => version() > before, 'the last write')
    expect(version()).toBe(before + 1)
  })

  test('several cells are copied, pasted and emptied', async () => {
    const { column } = await opened()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await cell('Anna').click()
    await cell('Cem').click({ modifiers: ['Shift'] })
    await page.keyboard.press('Control+c')
    await at(1, 4).click()
    await page.keyboard.press('Control+v')
    await until(async () => (await column('E'))[3] === 'Cem', 'the paste')
    expect(await column('E')).toEqual([undefined, 'Anna', 'Bob', 'Cem'])
    await cell('Dana').click()
    await cell('Finn').click({ modifiers: ['Shift'] })
    await page.keyboard.press('Delete')
    await until(async () => !(await column('B')).includes('Finn'), 'the cells to be empty')
    expect(await column('B')).toEqual(['name', 'Anna', 'Bob', 'Cem', undefined, undefined, undefined, 'Gil'])
  })

  test('Ctrl+Z takes back what the person did, not what others did', async () => {
    const { other, column } = await opened()
    await cell('Anna').click()
    await page.keyboard.type('Zoe')
    await page.keyboard.press('Enter')
    await cell('Zoe').waitFor()
    other.act('insertRows', { above: 2 })
    other.act('type', { cell: 'B4', text: 'changed' })
    await cell('changed').waitFor()
    await page.keyboard.press('Control+z')
    await cell('Anna').waitFor()
    expect((await column('B')).slice(0, 5)).toEqual(['name', undefined, 'Anna', 'changed', 'Cem'])
  })

  test('a cell with a drop-down offers its values, and says why it does not take another', async () => {
    const { id } = await opened()
    const values = ['NEW', 'DONE'].map((userEnteredValue) => ({ userEnteredValue }))
    await bench.batch(id, {
      setDataValidation: {
        range: { sheetId: 0, startRowIndex: 1, startColumnIndex: 2, endColumnIndex: 3 },
        rule: {
          condition: { type: 'ONE_OF_LIST', values },
          strict: true,
          inputMessage: 'Choose one of the list.',
        },
      },
    })
    await page.locator('td.choice').first().waitFor()
    await at(1, 2).dblclick()
    expect(await editor().getAttribute('list')).toBe('choices')
    const offered = page.locator('#choices option')
    expect(await offered.evaluateAll((all) => all.map((one) => (one as { value?: string }).value))).toEqual([
      'NEW',
      'DONE',
    ])
    await editor().fill('later')
    await page.keyboard.press('Enter')
    await page.locator('#problem', { hasText: 'Choose one of the list.' }).waitFor()
    expect(await bench.read(id, 'C2')).toEqual([])
    await at(1, 2).dblclick()
    await editor().fill('DONE')
    await page.keyboard.press('Enter')
    await until(async () => (await bench.read(id, 'C2'))[0]?.[0] === 'DONE', 'the value to be there')
    await at(1, 1).dblclick()
    expect(await editor().getAttribute('list')).toBeNull()
  })

  test('bold, colours, checkboxes and merges are made and shown', async () => {
    const { id } = await opened()
    await cell('Anna').click()
    await tool('bold').click()
    await page.locator('#background').fill('#ffcc00')
    const style = async () => (await at(1, 1).getAttribute('style')) ?? ''
    await until(
      async () => /font-weight: 700.*background-color: rgb\(255, 204, 0\)/.test(await style()),
      'the looks',
    )
    await at(1, 2).click()
    await tool('checkbox').click()
    await at(1, 2).locator('.box').click()
    await until(async () => (await bench.read(id, 'C2'))[0]?.[0] === 'TRUE', 'the box to be checked')
    await at(4, 1).click()
    await at(5, 2).click({ modifiers: ['Shift'] })
    await tool('merge').click()
    await page.locator('td.merge').waitFor()
    await at(5, 2).click()
    expect(await page.locator('#address').textContent()).toBe('B5')
  })

  test('a filter hides rows, and shows them again', async () => {
    await opened()
    await tool('filter').click()
    await page.locator('th .filter').nth(1).click()
    await page.locator('#filter-list label', { hasText: 'Cem' }).locator('input').uncheck()
    await page.locator('#filter-list button', { hasText: 'OK' }).click()
    await cell('Cem').waitFor({ state: 'detached' })
    expect(await page.locator('#rows').textContent()).toContain('1 hidden')
    // Typing goes to the row that is shown, not to one that is hidden.
    await cell('Dana').click()
    expect(await page.locator('#address').textContent()).toBe('B5')
    await tool('filter').click()
    await cell('Cem').waitFor()
  })

  test('protected cells are shown, and protected no more on request', async () => {
    const { id } = await opened()
    await cell('Bob').click()
    await tool('protect').click()
    await page.locator('td.locked').waitFor()
    const locks = () => bench.emulator.control.spreadsheets.find(id).tabs[0]?.meta.protectedRanges.length
    expect(locks()).toBe(1)
    await tool('protect').click()
    await page.locator('td.locked').waitFor({ state: 'detached' })
    expect(locks()).toBe(0)
  })

  test('it says who changed what', async () => {
    await opened()
    await page.locator('#name').fill('Nora')
    await cell('Bob').click()
    await page.keyboard.type('Rob')
    await page.keyboard.press('Enter')
    await page.locator('#changed', { hasText: 'Nora wrote B3' }).waitFor()
    await tool('history').click()
    await page.locator('#entries li', { hasText: 'tester wrote T!A1:D8' }).waitFor()
  })

  test('a row far down in a tab with many hidden rows is reached and typed into', async () => {
    const { id, other } = await opened(100_000)
    await bench.batch(id, {
      updateCells: {
        start: { sheetId: 0, rowIndex: 80_000, columnIndex: 1 },
        rows: [{ values: [{ userEnteredValue: { stringValue: 'far' } }] }],
        fields: 'userEnteredValue',
      },
    })
    other.act('hideRows', { row: 10, count: 79_000 })
    await page.locator('#rows', { hasText: '79,000 hidden' }).waitFor()
    await page.locator('#goto').fill('80001')
    await page.keyboard.press('Enter')
    await cell('far').click()
    expect(await page.locator('#address').textContent()).toBe('B80001')
    await page.keyboard.type('reached')
    await page.keyboard.press('Enter')
    await until(async () => (await bench.read(id, 'B80001'))[0]?.[0] === 'reached', 'the text')
  })
})
