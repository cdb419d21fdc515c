import type { Kind } from './points.js'
import type { Stage } from './stage.js'

/** A conversation that is played in the same way every time. */
export interface Scene {
  readonly name: string
  readonly about: string
  /** What it has to wait for somewhere: without these points it would not be the scene that it says it is. */
  readonly must: readonly Kind[]
  play(stage: Stage): Promise<void>
}
