import {
  createMemoryLog,
  createServerCore,
  type Inbound,
  type Log,
  type Operation,
  type ServerCore,
} from 'tidings-server'
import { CLOSE, decodeServerText, formatStamp } from '../../src/protocol/index.js'
import { createSeededRandom, createTimeline } from '../../src/testing/index.js'

/**
 * Plays a conversation of the protocol document against the real server core. A conversation is lines:
 *
 *   alice → {…}           alice sends; her lines in a row are one text message
 *   alice ← {…}           the server sends to alice, and it arrives
 *   alice ✗ {…}           the server sends to alice, and it is lost
 *   alice ← close 4001 …  the server closes alice's connection
 *   ! the server drains   something happens, see `EVENTS`
 *   # …                   a remark
 */
export async function play(script: string): Promise<readonly string[]> {
  const stage = createStage()
  const lines = script.split('\n')
  const played: string[] = []
  for (const [i, line] of lines.entries()) {
    if (/^\w+ [←✗] /.test(line)) continue
    played.push(line)
    const [, who, text] = /^(\w+) → (.+)$/.exec(line) ?? []
    if (who !== undefined && text !== undefined) {
      stage.say(who, text)
      if (lines[i + 1]?.startsWith(`${who} → `)) continue
      await stage.flush(who)
    } else if (line.startsWith('! ')) await stage.event(line.slice(2))
    else if (!line.startsWith('# ')) throw new Error(`Not a line of a conversation: ${line}`)
    played.push(...stage.heard())
  }
  stage.end()
  return played
}

interface Person {
  readonly name: string
  inbound: Inbound | undefined
  said: string[]
  /** How many frames are lost from here on. */
  losing: number
  /** Whether what comes is of no interest to the reader. */
  quiet: boolean
}

type Happening = (stage: Stage, ...found: readonly string[]) => Promise<void>

const EVENTS: readonly (readonly [RegExp, Happening])[] = [
  [/^(\d+) seconds pass$/, (stage, seconds) => stage.advance(Number(seconds) * 1_000)],
  [/^(\w+)'s connection breaks$/, (stage, who) => stage.hangUp(who ?? '')],
  [/^(\w+)'s network loses everything from here on$/, async (stage, who) => stage.lose(who ?? '', 1_000)],
  [/^(\w+)'s network loses the next frame$/, async (stage, who) => stage.lose(who ?? '', 1)],
  [/^(\w+) is in (\w+)$/, (stage, who, room) => stage.enter(who ?? '', room ?? '')],
  [
    /^(\w+) writes (\d+|a) messages? in (\w+)$/,
    (stage, who, count, room) => stage.write(who ?? '', count === 'a' ? 1 : Number(count), room ?? ''),
  ],
  [/^(\w+) is removed from (\w+)$/, (stage, who, room) => stage.kick(who ?? '', room ?? '')],
  [/^the server drains$/, (stage) => stage.drain()],
  [/^the log falls back to its first (\d+) entries$/, (stage, count) => stage.restore(Number(count))],
]

interface Stage {
  say(who: string, text: string): void
  flush(who: string): Promise<void>
  event(what: string): Promise<void>
  /** What the server sent since the last call, as lines. */
  heard(): readonly string[]
  end(): void
  advance(ms: number): Promise<void>
  hangUp(who: string): Promise<void>
  lose(who: string, frames: number): void
  enter(who: string, room: string): Promise<void>
  write(who: string, count: number, room: string): Promise<void>
  kick(who: string, room: string): Promise<void>
  drain(): Promise<void>
  restore(count: number): Promise<void>
}

/** A token is a name, or a name and how long it lasts: `alice for 60 s`. Anything else is refused. */
const verifying = (now: () => number) => (token: string | undefined) => {
  const [, user, seconds] = /^(\w+)(?: for (\d+) s)?$/.exec(token ?? '') ?? []
  if (user === undefined) return 'refused' as const
  return seconds === undefined ? { user } : { user, expiresAt: now() + Number(seconds) * 1_000 }
}

/** The words `BUSY` and `FORBIDDEN` in a body make a server refuse, for the conversations about refusals. */
const screen = ({ body = '' }: Operation) => {
  if (body.includes('BUSY')) return { code: 'unavailable' as const, message: 'Not now.', retryAfter: 2_000 }
  return body.includes('FORBIDDEN') ? { code: 'content_rejected' as const, message: 'Not here.' } : undefined
}

function createStage(): Stage {
  const timeline = createTimeline()
  const clock = timeline.clock()
  const random = createSeededRandom(1)
  const people = new Map<string, Person>()
  const done: Operation[] = []
  let heard: string[] = []
  let written = 0
  let log = recorded(createMemoryLog({ clock }))
  let core = start()

  function recorded(inner: Log): Log {
    return {
      ...inner,
      append: (operations) => {
        done.push(...operations)
        return inner.append(operations)
      },
    }
  }
  function start(): ServerCore {
    const verify = verifying(clock.now)
    return createServerCore({
      ...{ log, clock, random, verify, screen, node: 'n1' },
      authorize: ({ verb }) => (verb === 'moderate' ? 'forbidden' : 'allow'),
      sees: (user, entry) => !entry.text.includes(`hidden from ${user}`),
    })
  }
  const personOf = (name: string): Person => {
    const known = people.get(name)
    if (known) return known
    const made = { name, inbound: undefined, said: [], losing: 0, quiet: false }
    people.set(name, made)
    return made
  }
  const tell = (person: Person, what: string) => {
    const lost = person.losing > 0
    if (lost) person.losing -= 1
    if (!person.quiet) heard.push(`${person.name} ${lost ? '✗' : '←'} ${what}`)
  }
  /** Pings are answered without a word: no conversation is about them. */
  const answer = (person: Person, t: number) =>
    clock.after(0, () => person.inbound?.received(JSON.stringify({ type: 'pong', t })))
  const opened = (person: Person): Inbound =>
    core.opened({
      send(text) {
        const { frames, refused } = decodeServerText(text)
        if (refused.length > 0) throw new Error(`The server sent what no client reads: ${text}`)
        for (const frame of frames)
          if (frame.type === 'ping') answer(person, frame.t)
          else tell(person, JSON.stringify(frame))
      },
      close(code, reason) {
        person.inbound = undefined
        if (code !== CLOSE.goingAway || reason !== '{"code":"going_away"}')
          tell(person, `close ${code} ${reason}`)
      },
      bufferedAmount: 0,
    })
  const flush = async (name: string) => {
    const person = personOf(name)
    const text = person.said.length === 1 ? (person.said[0] ?? '') : `[${person.said.join(',')}]`
    person.said = []
    person.inbound ??= opened(person)
    person.inbound.received(text)
    await timeline.settle()
  }
  /** Lets somebody do something that the reader need not see. */
  const aside = async (name: string, frame: object) => {
    const person = personOf(name)
    person.quiet = true
    person.said.push(JSON.stringify(frame))
    await flush(name)
    person.quiet = false
  }
  const stage: Stage = {
    say: (name, text) => void personOf(name).said.push(text),
    flush,
    async event(what) {
      for (const [pattern, happen] of EVENTS) {
        const [whole, ...found] = pattern.exec(what) ?? []
        if (whole !== undefined) return happen(stage, ...found)
      }
      throw new Error(`Nobody knows how to make this happen: ${what}`)
    },
    heard() {
      const lines = heard
      heard = []
      return lines
    },
    end: () => core.close(),
    advance: (ms) => timeline.advance(ms),
    async hangUp(name) {
      const person = personOf(name)
      person.inbound?.closed()
      person.inbound = undefined
      person.losing = 0
      await timeline.settle()
    },
    lose(name, frames) {
      personOf(name).losing = frames
    },
    enter: (name, room) =>
      aside(name, { type: 'hello', v: 1, token: name, device: `${name}-1`, rooms: [{ room, from: 'head' }] }),
    async write(name, count, room) {
      for (const end = written + count; written < end; ) {
        written += 1
        const stamp = formatStamp(clock.now(), written, `${name}------`.slice(0, 11).padEnd(11, '-'))
        const frame = {
          type: 'message',
          id: `${name}-${written}`,
          room,
          stamp,
          body: { text: `Message ${written}` },
        }
        await aside(name, { ...frame, attempt: 1, at: clock.now() })
      }
    },
    async kick(name, room) {
      core.kick(name, room, 'not_member')
      await timeline.settle()
    },
    async drain() {
      void core.drain()
      await timeline.settle()
    },
    async restore(count) {
      core.close()
      const copy = createMemoryLog({ clock })
      await copy.append(done.slice(0, count))
      log = recorded(copy)
      core = start()
      await timeline.settle()
    },
  }
  return stage
}
