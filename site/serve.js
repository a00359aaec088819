// A static server of the built site: node serve.js PORT, or serve(port) from a program.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const folder = fileURLToPath(new URL('target/site', import.meta.url))

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** The file that a path of the site means, or undefined. */
export function file(pathname) {
  const found = path.join(folder, decodeURIComponent(pathname.endsWith('/') ? pathname + 'index.html' : pathname))
  return found.startsWith(folder + path.sep) && fs.statSync(found, { throwIfNoEntry: false })?.isFile() ? found : undefined
}

/** Serves on the loopback address; port 0 takes a free one. */
export function serve(port) {
  const server = http.createServer((request, response) => {
    const found = file(new URL(request.url, 'http://localhost').pathname)
    const shown = found ?? path.join(folder, '404.html')
    response.writeHead(found ? 200 : 404, { 'content-type': TYPES[path.extname(shown)] ?? 'application/octet-stream' })
    fs.createReadStream(shown).pipe(response)
  })
  return new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serve(Number(process.argv[2]))
  console.log(`http://localhost:${server.address().port}`)
}
