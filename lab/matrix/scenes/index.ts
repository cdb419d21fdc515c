import type { Scene } from '../scene.js'
import { changing } from './changing.js'
import { sending } from './sending.js'
import { syncing } from './syncing.js'
import { tabs } from './tabs.js'

/** All that is played. */
export const scenes: readonly Scene[] = [...sending, ...syncing, ...changing, ...tabs]
