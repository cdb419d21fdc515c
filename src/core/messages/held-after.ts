import type { Keeper } from './keeper.js'
import { rangeAt } from './ranges.js'
import type { StoredMessage } from './record.js'

/** All that lies right behind a position, without a hole, as far as memory holds it. */
export interface HeldAfter {
  /** Every message of it, in no order, those included that the list holds back. */
  readonly messages: readonly StoredMessage[]
  /** Where it ends. */
  readonly upTo: number
}

/** Undefined when memory does not hold what follows the position: then nobody can say what was seen of it. */
export function heldAfter(
  keeper: Pick<Keeper, 'window' | 'view' | 'ranges'>,
  seq: number,
): HeldAfter | undefined {
  for (const window of [keeper.window, keeper.view()]) {
    const span = rangeAt(window.spans(), seq + 1)
    if (!span) continue
    const { upTo } = span
    return { messages: window.messages().filter((message) => message.seq > seq && message.seq <= upTo), upTo }
  }
  return undefined
}
