import { Broken } from '../sim/laws.js'
import { type FaultName, faultsAt, isFault, strike } from './faults.js'
import { judge } from './judge.js'
import type { Point } from './points.js'
import type { Scene } from './scene.js'
import { createStage, type OnPoint, type Plant } from './stage.js'

/** One fault at one point of a scene. */
export interface Case {
  readonly scene: Scene
  readonly point: string
  readonly fault: FaultName
}

export const nameOf = ({ point, fault }: Pick<Case, 'point' | 'fault'>): string => `${point}@${fault}`

/** Plays a scene until everything has healed and was judged. Gives the promise that was broken, or nothing. */
async function play(scene: Scene, onPoint: OnPoint, plant?: Plant): Promise<string | undefined> {
  const stage = createStage({ scene: scene.name, onPoint, plant })
  try {
    await scene.play(stage)
    await stage.heal()
    await judge(stage)
    return undefined
  } catch (cause) {
    if (cause instanceof Broken) return cause.message
    throw cause
  }
}

/** Plays a scene without faults, and gives every point at which something is awaited. */
export async function discover(scene: Scene, plant?: Plant): Promise<readonly Point[]> {
  const points: Point[] = []
  const broken = await play(
    scene,
    (point) => {
      points.push(point)
      return 'pass'
    },
    plant,
  )
  if (broken !== undefined) throw new Error(`The scene ${scene.name} breaks by itself: ${broken}`)
  return points
}

/** Every fault at every point. */
export const casesOf = (scene: Scene, points: readonly Point[]): readonly Case[] =>
  points.flatMap((point) => faultsAt(point).map((fault) => ({ scene, point: point.name, fault })))

/** Plays a scene in which a fault strikes at a point. Gives the promise that was broken, or nothing. */
export async function runCase(
  { scene, point, fault }: Case,
  more: { readonly plant?: Plant; readonly print?: (line: string) => void } = {},
): Promise<string | undefined> {
  let struck = false
  const broken = await play(
    scene,
    (met, device, stage) => {
      const hit = met.name === point && !struck
      more.print?.(`${stage.world.timeline.now()} ${met.name}${hit ? ` <- ${fault}` : ''}`)
      if (!hit) return 'pass'
      struck = true
      return strike(fault, met, device, stage)
    },
    more.plant,
  )
  return struck ? broken : `${point} was not met: the scene does not repeat. ${broken ?? ''}`
}

/** The scene, point and fault that a name names. */
export function caseNamed(name: string, scenes: readonly Scene[]): Case {
  const at = name.lastIndexOf('@')
  const [point, fault] = [name.slice(0, at), name.slice(at + 1)]
  const scene = scenes.find((each) => point.startsWith(`${each.name}/`))
  if (at < 0 || !scene || !isFault(fault)) throw new Error(`There is no case "${name}": see --list.`)
  return { scene, point, fault }
}
