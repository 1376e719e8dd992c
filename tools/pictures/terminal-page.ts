/** Colours of the terminal, by the codes that the command line uses (SGR). */
const STYLES: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
}

/** A change of style: ESC, `[`, the codes, `m`. */
const CHANGE = new RegExp(`(${String.fromCharCode(27)}\\[[\\d;]*m)`)

/** Codes that end others. */
const ENDS: Readonly<Record<number, readonly number[]>> = { 22: [1, 2], 39: [31, 32, 33, 36] }

/**
 * What a terminal shows, as HTML.
 * @throws {Error} for a code that it does not know, so that no colour is lost unseen
 */
export function terminalHtml(output: string): string {
  const open = new Set<number>()
  return output
    .split(CHANGE)
    .map((part) => {
      if (!CHANGE.test(part)) return part === '' ? '' : styled(part, open)
      for (const code of part.slice(2, -1).split(';').map(Number)) {
        if (code === 0) open.clear()
        else if (code in STYLES) open.add(code)
        else if (code in ENDS) for (const ended of ENDS[code] ?? []) open.delete(ended)
        else throw new Error(`a picture has no style for code ${code}`)
      }
      return ''
    })
    .join('')
}

function styled(text: string, open: ReadonlySet<number>): string {
  const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const names = [...open].map((code) => STYLES[code])
  return names.length === 0 ? html : `<span class="${names.join(' ')}">${html}</span>`
}

/** A page with one terminal window, of `columns` columns, after a command. */
export function terminalPage(command: string, output: string, columns: number): string {
  return `<!doctype html>
<meta charset="utf-8">
<style>
  body { margin: 0; padding: 24px 28px 32px; display: inline-block; background: #eef1f5 }
  .window { border-radius: 10px; overflow: hidden; background: #16191f; box-shadow: 0 8px 24px #1f293748, 0 1px 3px #1f293760 }
  .bar { height: 34px; display: flex; align-items: center; gap: 8px; padding-left: 14px; background: #262b34 }
  .bar i { width: 12px; height: 12px; border-radius: 50% }
  pre { margin: 0; padding: 16px 20px 20px; width: ${columns}ch; color: #d7dce4;
    font: 14px/1.5 'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace }
  .prompt { color: #7aa2f7 }
  .bold { font-weight: bold }
  .dim { color: #8b94a5 }
  .red { color: #ff7b72 }
  .green { color: #6fd08c }
  .yellow { color: #e9c46a }
  .cyan { color: #6cc7d9 }
  .dim.green, .green.dim { color: #6fd08c }
</style>
<div class="window">
  <div class="bar"><i style="background:#ff5f57"></i><i style="background:#febc2e"></i><i style="background:#28c840"></i></div>
  <pre><span class="prompt">$</span> <span class="bold">${terminalHtml(command)}</span>\n${terminalHtml(output.trimEnd())}</pre>
</div>
`
}
