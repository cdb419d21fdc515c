import { parentPort, workerData } from 'node:worker_threads'
import type { Play } from './many.js'
import { simulate } from './run.js'

const isPlay = (value: unknown): value is Play =>
  typeof value === 'object' && value !== null && 'seed' in value && 'hours' in value && 'clients' in value

if (!isPlay(workerData)) throw new Error('This thread was not told what to play.')
parentPort?.postMessage(await simulate(workerData))
