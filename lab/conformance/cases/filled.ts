import type { PageEntry } from 'tidings/protocol'
import type { Guest, Stage } from '../stage.js'

/** The positions of a page's entries. */
export const seqs = (messages: readonly PageEntry[]) => messages.map(({ seq }) => seq)

/** Alice in a room with messages, and the cursors of its positions from 1. */
export async function filled(
  stage: Stage,
  count: number,
): Promise<{ guest: Guest; cursors: readonly string[] }> {
  const guest = await stage.join(stage.alice)
  const cursors: string[] = []
  for (let i = 0; i < count; i++) {
    const { frame } = await stage.write(guest)
    cursors.push((await guest.next('event', { id: frame.id })).cursor)
  }
  return { guest, cursors }
}
