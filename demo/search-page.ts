import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Pool } from 'pg'
import { search } from '../src/index.ts'

/** A page with a box that searches what the worker has indexed, as people type and as records change. */
export interface SearchPage {
  readonly url: string
  close(): Promise<void>
}

/** How often the page looks for what has changed, in milliseconds. */
const LOOK_EVERY_MS = 700

/**
 * Serves the page.
 * @param indexes tables to search, by the name that people see; the first field of a document is what a hit is called
 */
export async function startSearchPage(
  pool: Pool,
  indexes: Readonly<Record<string, string>>,
): Promise<SearchPage> {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local')
    if (pathname !== '/search') {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE)
      return
    }
    try {
      const query = searchParams.get('q') ?? ''
      const found = await Promise.all(
        Object.entries(indexes).map(async ([name, index]) => {
          const { total, hits } = await search(pool, { index, query, limit: 8 })
          return { name, total, hits: hits.map(({ id, document }) => ({ id, document })) }
        }),
      )
      response.setHeader('content-type', 'application/json').end(JSON.stringify(found))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Search</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #202124 }
  input { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem .9rem; border: 1px solid #bdc1c6; border-radius: 1.5rem }
  input:focus { outline: 2px solid #1a73e8; border-color: transparent }
  h2 { font-size: .95rem; color: #5f6368; margin: 1.6rem 0 .3rem }
  li { list-style: none; padding: .35rem 0; border-bottom: 1px solid #eceff1 } ul { padding: 0; margin: 0 }
  b { font-weight: 600 } span { color: #5f6368 }
</style>
<label for="q"><h1>Search what the worker has indexed</h1></label>
<input id="q" autofocus placeholder="frankfurt, R-1001, a customer's name" value="frank">
<div id="found" aria-live="polite"></div>
<script>
  const box = document.getElementById('q'), found = document.getElementById('found')
  let shown = ''
  async function look() {
    const answer = await fetch('/search?q=' + encodeURIComponent(box.value)).then((r) => r.text()).catch(() => '')
    if (answer === '' || answer === shown) return
    shown = answer
    found.replaceChildren(...JSON.parse(answer).flatMap(({ name, total, hits }) => {
      const head = document.createElement('h2'), list = document.createElement('ul')
      head.textContent = name + ': ' + total
      list.append(...hits.map(({ document: shownAs }) => {
        const item = document.createElement('li'), title = document.createElement('b'), rest = document.createElement('span')
        const [first, ...others] = Object.values(shownAs).filter((value) => value !== null && value !== '')
        title.textContent = first
        rest.textContent = '  ' + others.join(' · ')
        item.append(title, rest)
        return item
      }))
      return [head, list]
    }))
  }
  box.addEventListener('input', look)
  setInterval(look, ${LOOK_EVERY_MS})
  look()
</script>
</html>`
