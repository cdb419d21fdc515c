import * as v from 'valibot'
import * as z from 'zod'
import { TidingsError } from '../../../src/core/errors.js'
import type { TimelineItem } from '../../../src/core/message.js'
import { start } from './steps.js'
import type { World } from './world.js'

export interface Text {
  text: string
}

export const valibot = v.object({ text: v.pipe(v.string(), v.maxLength(20)) })

export const zod = z.object({ text: z.string().max(20) })

export const bodies = <Body>(items: readonly TimelineItem<Body>[]): readonly unknown[] =>
  items.map((item) => (item.type === 'message' ? item.body : item.type))

/** Somebody whose application knows nothing of schemas. */
export function stranger(world: World) {
  const bob = start(world.tab(world.profile('bob')))
  return { bob, write: (body: never) => bob.client.room('general').send(body) }
}

export const thrown = (act: () => unknown): TidingsError => {
  try {
    act()
  } catch (error) {
    if (error instanceof TidingsError) return error
  }
  throw new Error('It threw no TidingsError.')
}
