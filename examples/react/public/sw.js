// Keeps the page itself, so that it opens without a network. What it shows is kept by tidings, not here:
// this worker never touches the socket, the tokens or any other answer of the server.

const SHELL = 'shell-1'
const PAGE = '/'
const BESIDES = ['/icon.svg', '/manifest.webmanifest']
// A server that takes longer than this to hand out the page counts as away.
const PATIENCE_MS = 3000

/** The files of the present build, from the list that the build writes. */
const filesOf = (build) =>
  Object.values(build).flatMap(({ file, css = [], assets = [] }) => [file, ...css, ...assets])

const fresh = async (path) => {
  const answer = await fetch(path, { cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer
}

/** Fetches the page and all it needs. The page is stored last: a kept page never names a file that is not kept. */
const refresh = async () => {
  const [page, build] = await Promise.all([fresh(PAGE), fresh('/build.json').then((answer) => answer.json())])
  const wanted = new Set([...filesOf(build).map((file) => `/${file}`), ...BESIDES])
  const shell = await caches.open(SHELL)
  const kept = (await shell.keys()).map(({ url }) => new URL(url).pathname)
  await shell.addAll([...wanted].filter((path) => !kept.includes(path)))
  await shell.put(PAGE, page)
  const stale = kept.filter((path) => path !== PAGE && !wanted.has(path))
  await Promise.all(stale.map((path) => shell.delete(path)))
}

const keptPage = async () =>
  (await caches.match(PAGE, { cacheName: SHELL, ignoreVary: true })) ?? Response.error()

const inTime = (request) =>
  fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) }).then((answer) =>
    answer.status >= 500 ? Promise.reject(new Error('the server is not well')) : answer,
  )

const page = (event) =>
  inTime(event.request).then((answer) => {
    // A page that came from the network may be a newer build: keep that one from now on.
    event.waitUntil(refresh().catch(() => {}))
    return answer
  }, keptPage)

const file = async (request) =>
  (await caches.match(request, { cacheName: SHELL, ignoreVary: true })) ?? fetch(request)

self.addEventListener('install', (event) => event.waitUntil(refresh().then(() => self.skipWaiting())))
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin) return
  if (event.request.mode === 'navigate' && pathname === PAGE) event.respondWith(page(event))
  else if (pathname.startsWith('/assets/') || BESIDES.includes(pathname))
    event.respondWith(file(event.request))
})
