import { compareText } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import { routerCoolDownMs } from '../limits.js'
import type { Clock } from '../seams/clock.js'

/*
 * Rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM Transactions on Networking,
 * 1998): every node draws a number for a key, and the highest draw takes it. A node that leaves gives away only what it had, evenly over
 * the others; one that comes takes only what it draws highest for. There is no ring to build, and nothing to keep between two nodes.
 * With weights a draw u from (0, 1) counts as -w / ln(u) (Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", 2005): shares
 * are exactly proportional, and changing one weight moves keys only to or from its node.
 */

/** Says which of several servers a key belongs to: the same on every device that knows the same servers. */
export interface Router {
  /**
   * The node of a key: the best one that is not marked as down, or the best one if all are. Throws a TidingsError `invalid_argument`
   * when there is no node.
   */
  pick(key: string): string
  /** All nodes in the order in which a key would try them: those that are down last. Empty when there are none. */
  ranked(key: string): readonly string[]
  /** Takes a node in, or gives a known one another weight: twice its weight, twice its share. Throws a TidingsError `invalid_argument`. */
  add(node: string, weight?: number): void
  /** Lets a node go; its keys spread over the others. False when it was not there. */
  remove(node: string): boolean
  /** Passes a node over for 30 s, or as long as the router was told: a connection to it failed. False when it is not there. */
  markDown(node: string): boolean
  /** Ends that early: a connection to it succeeded. False when it is not there. */
  markUp(node: string): boolean
  /** The nodes, in the order in which they came. */
  nodes(): readonly string[]
}

/** How a router shares out. */
export interface RouterOptions {
  /** By node; 1 where nothing is said. */
  readonly weights?: Readonly<Record<string, number>> | undefined
  /** How long a node is passed over once it was marked as down, in ms; 30 s unless given. */
  readonly coolDownMs?: number | undefined
}

interface Node {
  readonly name: string
  readonly weight: number
  readonly hash: Hash
  /** Wall time until which it is passed over; 0 when it is not. */
  downUntil: number
}

/** Two hashes of 32 bits, made of different beginnings. One alone would collide: two nodes of 80,000, or two keys. */
type Hash = readonly [number, number]

/** Every bit of the result depends on every bit of the value (the finaliser of MurmurHash3). */
function mixed(value: number): number {
  let bits = value
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

/** FNV-1a over code units, whose weak high bits the finaliser mends. */
function hashOf(text: string): Hash {
  let one = 0x811c9dc5
  let other = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other ^ unit, 0x85ebca6b) + 0x27d4eb2f
  }
  return [mixed(one ^ text.length), mixed(other ^ text.length)]
}

/** What a node draws for a key: from (0, 1), never an end of it, with all the 53 bits that a number has. */
function draw([nodeOne, nodeOther]: Hash, [keyOne, keyOther]: Hash): number {
  const low = mixed(mixed(nodeOne ^ keyOther) ^ keyOne)
  const high = mixed(mixed(nodeOther ^ keyOne) ^ keyOther ^ low)
  return ((high >>> 12) * 0x1_0000_0000 + low + 0.5) / 0x10_0000_0000_0000
}

/** What a node is to one key. */
interface Drawn {
  readonly name: string
  readonly isDown: boolean
  readonly score: number
}

/** Those that are up first, then by what they drew; equal draws, which nobody will see, by name. */
const order = (a: Drawn, b: Drawn): number =>
  Number(a.isDown) - Number(b.isDown) || b.score - a.score || compareText(a.name, b.name)

const refuse = (message: string): never => {
  throw new TidingsError('invalid_argument', message)
}

/** A router on a given clock. Applications use `createRouter` of their platform's entry point. Starts nothing: no timer. */
export function createRouterOn(
  clock: Pick<Clock, 'now'>,
  names: Iterable<string>,
  { weights = {}, coolDownMs = routerCoolDownMs }: RouterOptions = {},
): Router {
  const nodes = new Map<string, Node>()

  function add(name: string, weight = 1): void {
    if (typeof name !== 'string' || name === '') refuse('A node of a router is named by a text, not empty.')
    if (!Number.isFinite(weight) || weight <= 0)
      refuse('The weight of a node is a number above 0. To give it nothing, remove it.')
    nodes.set(name, { name, weight, hash: hashOf(name), downUntil: nodes.get(name)?.downUntil ?? 0 })
  }

  /** A wall clock that was set back keeps nobody waiting longer than the cool-down; nothing is timed. */
  function isDown({ downUntil }: Node): boolean {
    if (downUntil === 0) return false
    const leftMs = downUntil - clock.now()
    return leftMs > 0 && leftMs <= coolDownMs
  }

  const drawnBy = (node: Node, hash: Hash): Drawn => ({
    name: node.name,
    isDown: isDown(node),
    score: -node.weight / Math.log(draw(node.hash, hash)),
  })

  function pick(key: string): string {
    const hash = hashOf(key)
    let best: Drawn | undefined
    for (const node of nodes.values()) {
      const one = drawnBy(node, hash)
      if (!best || order(one, best) < 0) best = one
    }
    return best?.name ?? refuse('A router without nodes has none to pick: add one first.')
  }

  function ranked(key: string): readonly string[] {
    const hash = hashOf(key)
    return Array.from(nodes.values(), (node) => drawnBy(node, hash))
      .sort(order)
      .map(({ name }) => name)
  }

  const mark = (name: string, downUntil: () => number): boolean => {
    const node = nodes.get(name)
    if (node) node.downUntil = downUntil()
    return node !== undefined
  }

  if (!Number.isFinite(coolDownMs) || coolDownMs < 0) refuse('A cool-down is a number of ms from 0 on.')
  for (const name of names) add(name, Object.hasOwn(weights, name) ? weights[name] : 1)
  for (const name of Object.keys(weights))
    if (!nodes.has(name)) refuse(`There is a weight for "${name}", which is no node of this router.`)

  return {
    add,
    pick,
    ranked,
    remove: (name) => nodes.delete(name),
    markDown: (name) => mark(name, () => clock.now() + coolDownMs),
    markUp: (name) => mark(name, () => 0),
    nodes: () => [...nodes.keys()],
  }
}
