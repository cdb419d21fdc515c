import { Worker } from 'node:worker_threads'
import { isStorm, type Storm } from './storm.js'

/** What came of a trial. */
export interface Verdict {
  /** What did not even work without faults; undefined when everything did. */
  readonly calm: string | undefined
  /** The storm that broke a promise, and which. */
  readonly kill: { readonly storm: Storm; readonly says: string } | undefined
}

/** A storm takes a second or two; one that has not ended after this long will not end, on however slow a machine. */
const PATIENCE_MS = 120_000
const MEMORY_MB = 1_024

/** Runs a bundle through storms until one of them breaks a promise. What never ends, or takes all memory, has broken one. */
export function trial(code: string, storms: readonly Storm[]): Promise<Verdict> {
  return new Promise((resolve) => {
    const worker = new Worker(code, {
      eval: true,
      workerData: storms,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    let calm: string | undefined
    let isCalmOver = false
    let survived = 0
    let patience = setTimeout(hang, PATIENCE_MS)

    function end(kill: Verdict['kill']): void {
      clearTimeout(patience)
      worker.removeAllListeners()
      void worker.terminate()
      resolve({ calm, kill })
    }

    function breaks(says: string): void {
      const storm = storms[survived]
      if (!isCalmOver || !storm) calm ??= says
      end(isCalmOver && storm ? { storm, says } : undefined)
    }

    function hang(): void {
      breaks(`hangs: not over after ${PATIENCE_MS / 1000} s`)
    }

    function heard(said: unknown): void {
      clearTimeout(patience)
      patience = setTimeout(hang, PATIENCE_MS)
      if (typeof said !== 'object' || said === null) return
      const storm: unknown = Reflect.get(said, 'storm')
      const broken: unknown = Reflect.get(said, isStorm(storm) ? 'broken' : 'calm')
      if (isStorm(storm) && typeof broken === 'string') return end({ storm, says: broken })
      if (isStorm(storm)) survived += 1
      else isCalmOver = true
      if (!isStorm(storm) && typeof broken === 'string') calm = broken
      if (calm !== undefined || (isCalmOver && survived === storms.length)) end(undefined)
    }

    worker.on('message', heard)
    worker.on('error', (error: Error) => breaks(`throws ${error.name}: ${error.message}`))
    worker.on('exit', (code) => breaks(`ends by itself with ${code}`))
  })
}
