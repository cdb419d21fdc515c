import { decodeServerText, type ServerFrame, type ServerFrames } from 'tidings/protocol'
import { type DialOptions, dials, type Ended, type Way } from './dial.js'
import { Failed, show } from './failed.js'

/** Fields that a frame must have with these values; others may stand beside them. */
export type Wanted<T extends ServerFrame['type']> = Partial<ServerFrames[T]>

/** One connection to the server under test. Everything that comes in is checked against the wire. */
export interface Line {
  /** Frames as one text: alone as an object, several as an array. They may be wrong on purpose. */
  send(...frames: readonly object[]): void
  raw(text: string | Buffer): void
  /** The first frame of a type that has these fields, received already or yet to come. Fails when none comes. */
  next<T extends ServerFrame['type']>(type: T, wanted?: Wanted<T>): Promise<ServerFrames[T]>
  /** Waits until the server has read everything sent so far. */
  settle(): Promise<void>
  /** Every frame of a type that came so far and was not taken by `next`. */
  left<T extends ServerFrame['type']>(type: T): readonly ServerFrames[T][]
  /** Waits for the end of the connection and gives its code. Fails when it stays open. */
  ended(): Promise<Ended>
  readonly open: boolean
  close(): void
}

export interface LineOptions extends DialOptions {
  /** How long an answer may take, ms. */
  readonly patienceMs: number
  readonly over: Way
}

const isType =
  <T extends ServerFrame['type']>(type: T) =>
  (frame: ServerFrame): frame is ServerFrames[T] =>
    frame.type === type

const fitsWanted = (frame: object, wanted: object): boolean =>
  Object.entries(wanted).every(([key, value]) => show(Reflect.get(frame, key)) === show(value))

/** Opens a connection; what the server does with it then is up to it. */
export async function openLine({ patienceMs, over, ...options }: LineOptions): Promise<Line> {
  const frames: ServerFrame[] = []
  const faults: string[] = []
  let end: Ended | undefined
  let probes = 0
  const looks = new Set<() => void>()
  const look = () => {
    for (const each of [...looks]) each()
  }

  const carrier = await dials[over](options, {
    onText(text) {
      const { frames: taken, refused } = decodeServerText(text)
      frames.push(...taken)
      for (const { fault, type, path } of refused)
        if (fault !== 'unknown_type')
          faults.push(`${type ?? 'a text'} does not fit the wire: ${path ?? fault}`)
      // A server that looks for a sign of life gets one.
      for (const frame of taken) if (frame.type === 'ping') send({ type: 'pong', t: frame.t })
      look()
    },
    onEnd(how) {
      end = how
      look()
    },
  })

  function sound(): void {
    if (faults[0] !== undefined) throw new Failed(faults[0])
  }

  /** Waits until `find` finds something. */
  function until<T>(find: () => T | undefined, lacking: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        looks.delete(attempt)
        clearTimeout(timer)
        done()
      }
      const attempt = () => {
        if (faults[0] !== undefined) settle(() => reject(new Failed(faults[0] ?? '')))
        const found = find()
        if (found !== undefined) settle(() => resolve(found))
        else if (end)
          settle(() => reject(new Failed(`${lacking()}; closed with ${end?.code} ${end?.reason}`)))
      }
      const timer = setTimeout(() => settle(() => reject(new Failed(lacking()))), patienceMs)
      looks.add(attempt)
      attempt()
    })
  }

  function next<T extends ServerFrame['type']>(type: T, wanted: Wanted<T> = {}): Promise<ServerFrames[T]> {
    const find = () => {
      const found = frames.filter(isType(type)).find((frame) => fitsWanted(frame, wanted))
      if (found) frames.splice(frames.indexOf(found), 1)
      return found
    }
    const seen = () => frames.map((frame) => show(frame)).join(' ')
    return until(find, () => `no ${type} ${show(wanted)} came; received: ${seen() || 'nothing'}`)
  }

  const send = (...sent: readonly object[]) =>
    carrier.send(JSON.stringify(sent.length === 1 ? sent[0] : sent))
  return {
    send,
    raw: carrier.send,
    next,
    async settle() {
      probes += 1
      send({ type: 'ping', t: probes })
      await next('pong', { t: probes })
    },
    left(type) {
      sound()
      return frames.filter(isType(type))
    },
    async ended() {
      const how = await until(
        () => end,
        () => 'the connection stays open',
      )
      sound()
      return how
    },
    get open() {
      return end === undefined
    },
    close: carrier.drop,
  }
}
