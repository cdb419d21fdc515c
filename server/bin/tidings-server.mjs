#!/usr/bin/env node
// Stands in the repository, so that installing links the command before anything was built.
import { existsSync } from 'node:fs'

const program = new URL('../dist/bin.js', import.meta.url)
if (existsSync(program)) await import(program.href)
else {
  console.error('tidings-server is not built yet. In a clone of the repository: npm run build')
  process.exit(1)
}
