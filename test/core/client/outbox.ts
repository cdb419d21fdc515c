import { readGroup } from '../../../src/core/messages/outbox-records.js'
import type { Profile } from './world.js'

/** Ids of the operations that a profile's outbox holds on disk. */
export const stored = ({ disk }: Pick<Profile, 'disk'>): readonly unknown[] =>
  disk
    .names()
    .filter((name) => name.startsWith('tidings.outbox.'))
    .flatMap((name) => disk.entries(name))
    .flatMap(([key, value]) => (key.startsWith('e/') ? readGroup(value).entries : []))
    .map(({ id }) => id)
