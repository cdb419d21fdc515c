// `npm start`: installs and builds what is missing, then serves the example chat on one port. Node built-ins only.

import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { installPackages } from './install.mjs'
import { staleParts } from './parts.mjs'
import { node, root } from './run.mjs'

const stop = (text) => {
  console.error(text)
  process.exit(1)
}

const portOf = (text) => {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  return stop(`PORT is "${text}", which is no port number. Try: PORT=8788 npm start`)
}

/** Resolves with the error code that keeps us from listening, or undefined. */
const cannotListen = (port) =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (cause) => resolve(cause.code))
    probe.listen(port, () => probe.close(() => resolve(undefined)))
  })

const port = portOf(process.env.PORT ?? '8787')
const trouble = await cannotListen(port)
if (trouble === 'EADDRINUSE')
  stop(
    `Port ${port} is already taken, perhaps by another "npm start".\n` +
      `Stop that program, or choose another port: PORT=${port === 8787 ? 8788 : 8787} npm start`,
  )
if (trouble !== undefined) stop(`Port ${port} cannot be used here (${trouble}). Try: PORT=8788 npm start`)

if (!(await installPackages())) stop('npm could not install the packages; the reason is above.')
// The lab is not needed to chat.
const stale = staleParts().filter((name) => name !== 'lab')
if (stale.length > 0) {
  console.log('Building …')
  const { status } = await node(['tools/build.mjs', ...stale])
  if (status !== 0) stop('The build failed; the reason is above.')
}

mkdirSync(join(root, '.tidings'), { recursive: true })
const flags = [
  '--dev',
  '--data',
  '.tidings/data.db',
  '--static',
  'examples/react/dist',
  '--port',
  String(port),
]
const server = spawn(process.execPath, ['server/dist/bin.js', ...flags], { cwd: root, stdio: 'inherit' })
// The terminal sends Ctrl+C to both of us; the server closes its database before it goes, and we wait for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.once('error', (cause) => stop(`The server could not be started: ${cause.message}`))
server.once('exit', (status) => process.exit(status ?? 0))
