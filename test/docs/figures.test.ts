import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { at } from './markdown.js'

it('the figures in README and docs/performance.md are those of the last full run', () => {
  const { status, stderr } = spawnSync(process.execPath, [at('tools/figures.mjs'), '--check'], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
