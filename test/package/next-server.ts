/*
 * Stands in for `next build` and `next start`, which are too large to install for a test: bundles the route as Next does,
 * with `serverExternalPackages` left to Node and aliases of tsconfig.json resolved, and serves it.
 *
 *   node next-server.ts build | start <folder>
 */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import { json } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const [command, folder = '.'] = process.argv.slice(2)
const output = join(folder, '.next/server/route.mjs')

if (command === 'build') {
  const { default: config } = await import(pathToFileURL(join(folder, 'next.config.mjs')).href)
  await build({
    entryPoints: [join(folder, 'app/api/orders/route.ts')],
    outfile: output,
    absWorkingDir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: config.serverExternalPackages.flatMap((name: string) => [name, `${name}/*`]),
  })
} else {
  // Next reads it, before it loads routes.
  loadEnvFile(join(folder, '.env'))
  const { POST } = await import(pathToFileURL(output).href)
  const server = createServer(async (request, response) => {
    const body = JSON.stringify(await json(request))
    const answer: Response = await POST(new Request('http://localhost/api/orders', { method: 'POST', body }))
    response.writeHead(answer.status).end(await answer.text())
  })
  server.listen(3000 + Number(process.env.PORT_OFFSET ?? 0), '127.0.0.1', () => console.log('server ready'))
}
