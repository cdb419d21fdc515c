import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundlers, sizeByEsbuild } from '../lib/bundlers.mjs'
import { missingPeers, peersFolder } from '../lib/peers.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bar = { max: 1 }
const unit = 'kB'

const subpaths = {
  tidings: 'index.js',
  'tidings/core': 'core/index.js',
  'tidings/protocol': 'protocol/index.js',
  'tidings/react': 'react/index.js',
  'tidings/testing': 'testing/index.js',
}

/** What their guides import first, by package. */
const peers = {
  '@instantdb/core': "export { init } from '@instantdb/core'",
  '@liveblocks/client': "export { createClient } from '@liveblocks/client'",
  '@microsoft/signalr': "export { HubConnectionBuilder } from '@microsoft/signalr'",
  '@supabase/realtime-js': "export { RealtimeClient } from '@supabase/realtime-js'",
  '@tanstack/db': "export { createCollection, localOnlyCollectionOptions } from '@tanstack/db'",
  ably: "export { Realtime } from 'ably'",
  centrifuge: "export { Centrifuge } from 'centrifuge'",
  convex: "export { ConvexClient } from 'convex/browser'",
  dexie: "export { Dexie } from 'dexie'",
  'graphql-ws': "export { createClient } from 'graphql-ws'",
  idb: "export { openDB } from 'idb'",
  localforage: "export { default } from 'localforage'",
  'matrix-js-sdk': "export { createClient } from 'matrix-js-sdk'",
  mqtt: "export { default } from 'mqtt'",
  partysocket: "export { PartySocket } from 'partysocket'",
  phoenix: "export { Socket } from 'phoenix'",
  'pouchdb-browser': "export { default } from 'pouchdb-browser'",
  pubnub: "export { default } from 'pubnub'",
  'pusher-js': "export { default } from 'pusher-js'",
  'reconnecting-websocket': "export { default } from 'reconnecting-websocket'",
  replicache: "export { Replicache } from 'replicache'",
  rxdb: "export { createRxDatabase } from 'rxdb/plugins/core'\nexport { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'",
  'socket.io-client': "export { io } from 'socket.io-client'",
  sockette: "export { default } from 'sockette'",
  'stream-chat': "export { StreamChat } from 'stream-chat'",
  tinybase: "export { createStore } from 'tinybase'",
}
/** What some of them expect beside them. */
const companions = ['graphql', 'rxjs']

/** Imports of ours, from the least to what a chat takes. */
const typical = [
  ['createConnection'],
  ['createClient'],
  ['createClient', 'typing', 'receipts', 'presence', 'createFallbackConnect'],
]

const measure = () =>
  new Promise((resolve, reject) => {
    // Exits 1 when something is too large: the figures are what counts here.
    execFile(process.execPath, ['tools/size.mjs', '--json'], { cwd: root }, (failure, stdout) => {
      try {
        resolve(JSON.parse(stdout))
      } catch {
        reject(failure ?? new Error('tools/size.mjs printed no JSON'))
      }
    })
  })

const subpathRows = () =>
  Promise.all(
    Object.entries(subpaths).map(async ([name, file]) => ({
      label: `${name}, everything`,
      value: await sizeByEsbuild(`export * from './dist/${file}'`),
      unit,
    })),
  )

const peerRow = async (label, ours) => {
  const missing = await missingPeers(label)
  if (missing !== undefined) return { label, skipped: missing }
  try {
    const size = await sizeByEsbuild(peers[label], peersFolder)
    return { label, value: size, unit, ratio: size / ours }
  } catch (failure) {
    return { label, skipped: `esbuild: ${failure.errors?.[0]?.text ?? failure.message}` }
  }
}

const peerRows = async (ours) => {
  // All at once is quicker; one that cannot be had is found out by itself.
  await missingPeers(...Object.keys(peers), ...companions)
  const results = []
  for (const name of Object.keys(peers)) results.push(await peerRow(name, ours))
  const size = ({ value = Number.POSITIVE_INFINITY }) => value
  return results.sort((a, b) => size(a) - size(b))
}

/** What is unused has to go, whoever bundles. */
const shakenRows = async () => {
  const results = []
  for (const names of typical) {
    const code = `import { ${names.join(', ')} } from './dist/index.js'\nglobalThis.used = [${names.join(', ')}]`
    const label = names.length > 2 ? `${names[0]} and ${names.length - 1} more` : names.join(', ')
    let first
    for (const [bundler, size] of Object.entries(bundlers)) {
      const value = await size(code)
      first ??= value
      results.push({ label: `${label}, by ${bundler}`, value, unit, ratio: value / first })
    }
  }
  return results
}

/** What an import costs. */
export const row = {
  name: 'size',
  about:
    'what an import costs, kB of brotli: against its bar, by each bundler as a multiple of esbuild, and others as a multiple of createClient',
  bars: { size: bar },
  async run({ quick }) {
    if (!existsSync(`${root}/dist/index.js`))
      return [{ label: 'every subpath', skipped: 'build first, with npm run build' }]
    const sizes = await measure()
    const barred = sizes.map((size) => ({
      label: size.name,
      value: size.kB,
      unit,
      ratio: size.kB / size.bar,
      bar,
    }))
    const client = sizes.find(({ name }) => name === 'createClient').kB
    const others = quick ? [{ label: 'every peer', skipped: 'quick run' }] : await peerRows(client)
    return [...barred, ...(await subpathRows()), ...(await shakenRows()), ...others]
  },
}
