import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.ico', 'image/x-icon'],
  ['.webp', 'image/webp'],
  ['.woff2', 'font/woff2'],
  ['.txt', 'text/plain; charset=utf-8'],
])

interface Found {
  readonly file: string
  readonly bytes: number
}

/** The file that a URL's path means, inside the folder also when links are followed; hidden files do not exist. */
async function find(folder: string, path: string): Promise<Found | 'folder' | undefined> {
  const wanted = normalize(`/${path}`)
  if (wanted.includes('\0') || wanted.split(/[/\\]/).some((part) => part.startsWith('.'))) return undefined
  try {
    const root = await realpath(folder)
    const file = await realpath(join(root, wanted))
    if (file !== root && !file.startsWith(root + sep)) return undefined
    const found = await stat(file)
    if (found.isDirectory()) return path.endsWith('/') ? find(folder, `${path}index.html`) : 'folder'
    return found.isFile() ? { file, bytes: found.size } : undefined
  } catch {
    return undefined
  }
}

/** Files below a folder. Resolves with false when there is none of that name; the caller answers then. */
export type Files = (path: string, response: ServerResponse, headOnly: boolean) => Promise<boolean>

export const serveFiles =
  (folder: string): Files =>
  async (path, response, headOnly) => {
    const found = await find(folder, path)
    if (!found) return false
    if (found === 'folder') {
      // Relative links of a folder's page start at the slash.
      response.writeHead(301, { location: `${encodeURI(path)}/` }).end()
      return true
    }
    const hashed = path.startsWith('/assets/')
    response.writeHead(200, {
      'content-type': TYPES.get(extname(found.file)) ?? 'application/octet-stream',
      'content-length': found.bytes,
      'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
    })
    if (headOnly) response.end()
    else
      createReadStream(found.file)
        .on('error', () => response.destroy())
        .pipe(response)
    return true
  }
