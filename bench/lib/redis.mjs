// A Redis of the benchmark's own, as docs/server.md starts one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSource } from './apart.mjs'

/** Runs `use(url)` beside a Redis, or gives what stands in the place of its results where there is none. */
export const withRedis = async (use) => {
  const { createRedisProcess, hasRedis, WITHOUT_REDIS } = await loadSource('lab/replay/redis-process.ts')
  if (!hasRedis()) return [{ label: 'every case', skipped: WITHOUT_REDIS }]
  const folder = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
  const settings = ['--save', '', '--appendonly', 'yes']
  const onCrash = (why) => console.error(`Redis ended by itself: ${why}`)
  const redis = await createRedisProcess({ folder, settings, onCrash })
  try {
    await redis.start()
    return await use(redis.url)
  } finally {
    await redis.end('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}
