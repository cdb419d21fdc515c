import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Platform } from 'tidings/core'
import { type Decoded, decodeServerText, type ServerFrame, serverFrames, WIRE } from 'tidings/protocol'
import type { ServerCore } from 'tidings-server/core'
import { describe, expect, it } from 'vitest'
import { playClient } from '../../lab/frames/client-session.js'
import { playCodec, type Side } from '../../lab/frames/codec-session.js'
import { playServer } from '../../lab/frames/server-session.js'
import { playSession, SESSION_FRAMES } from '../../lab/frames/session.js'
import { createCounter } from '../../lab/frames/tally.js'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Runs the program as a shell would. */
function frames(...words: readonly string[]): Promise<{ code: number | null; out: string; said: string }> {
  const child = spawn(process.execPath, [at('tools/frames.mjs'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { out: '', said: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.said += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...output }))
  })
}

const side = (decode: (text: unknown) => Decoded<ServerFrame>): Side => ({
  name: 'server',
  shapes: serverFrames,
  decode,
  bytes: WIRE.serverTextBytes,
})

describe('a million frames that nobody should say', () => {
  it('throw nothing, stick nowhere, and leave nothing behind', { timeout: 400_000 }, async () => {
    const { code, out, said } = await frames('--count', '1000000', '--json')
    expect({ code, said }).toEqual({ code: 0, said: '' })
    const { tally, broken } = JSON.parse(out)
    expect(broken).toEqual([])
    expect(tally.frames).toBeGreaterThanOrEqual(1_000_000)
    // No type of frame is left out, and none is only ever refused or only ever taken.
    for (const type of Object.keys(serverFrames))
      expect([type, tally.kinds[type].accepted > 500, tally.kinds[type].refused > 500]).toEqual([
        type,
        true,
        true,
      ])
    expect(tally.kinds['entries of the log'].quarantined).toBeGreaterThan(100)
  })

  it('are the same for the same seed and session', { timeout: 60_000 }, async () => {
    const tallyOf = async (seed: number, session: number) => {
      const counter = createCounter()
      expect(await playSession(seed, session, counter)).toBeUndefined()
      return counter.tally()
    }
    // A client's, which is the longest way for chance to come in.
    const first = await tallyOf(7, 1)
    expect(first.frames).toBeGreaterThanOrEqual(SESSION_FRAMES)
    expect(await tallyOf(7, 1)).toEqual(first)
    expect(await tallyOf(8, 1)).not.toEqual(first)
  })
})

describe('a codec with a defect is caught', () => {
  const play = (decode: (text: unknown) => Decoded<ServerFrame>) => () =>
    playCodec(1, 4_000, createCounter(), [side(decode), side(decode)])

  it('one without: nothing is said', () => {
    expect(play(decodeServerText)).not.toThrow()
  })
  it('that throws for what is no text', () => {
    expect(play((text) => decodeServerText(JSON.stringify(JSON.parse(String(text)))))).toThrow(/threw|owed/)
  })
  it('that lets a frame pass whose fields it has not looked at', () => {
    const lax = (text: unknown): Decoded<ServerFrame> => {
      const { frames, refused } = decodeServerText(text)
      return { frames, refused: refused.filter(({ path }) => !path?.includes('.')) }
    }
    expect(play(lax)).toThrow(/refused|owed/)
  })
  it('that loses the neighbours of a bad frame', () => {
    const strict = (text: unknown): Decoded<ServerFrame> => {
      const { frames, refused } = decodeServerText(text)
      return { frames: refused.length > 0 ? [] : frames, refused }
    }
    expect(play(strict)).toThrow(/not read|accepted/)
  })
  it('that names the wrong field', () => {
    const vague = (text: unknown): Decoded<ServerFrame> => {
      const { frames, refused } = decodeServerText(text)
      return {
        frames,
        refused: refused.map(({ path, ...rest }) => ({ ...rest, ...(path && { path: 'type' }) })),
      }
    }
    expect(play(vague)).toThrow('owed invalid')
  })
})

describe('a client with a defect is caught', { timeout: 60_000 }, () => {
  const play = (tamper: (platform: Platform) => Platform) => playClient(3, 800, createCounter(), tamper)
  /** A client that makes something else of what it hears. */
  const hearing =
    (hear: (text: string) => string) =>
    (platform: Platform): Platform => ({
      ...platform,
      connect: (url, events) =>
        platform.connect(url, { ...events, onText: (text) => events.onText(hear(text)) }),
    })

  it('one without: nothing is said', async () => {
    await expect(play((platform) => platform)).resolves.toBeUndefined()
  })
  it('that throws out of a text', async () => {
    const fragile = hearing((text) => {
      if (text.includes('__proto__')) throw new Error('What is this?')
      return text
    })
    await expect(play(fragile)).rejects.toThrow('a text threw')
  })
  it('that never hears of new messages', async () => {
    await expect(play(hearing((text) => text.replaceAll('"type":"event"', '"type":"ever"')))).rejects.toThrow(
      /stuck|is not the log/,
    )
  })
  it('that leaves a timer for each connection', async () => {
    const forgetful = (platform: Platform): Platform => ({
      ...platform,
      connect(url, events) {
        platform.clock.after(2 ** 40, () => {})
        return platform.connect(url, events)
      },
    })
    await expect(play(forgetful)).rejects.toThrow('timers')
  })
})

describe('a server with a defect is caught', { timeout: 60_000 }, () => {
  const play = (spoil: (core: ServerCore) => ServerCore) => playServer(2, 800, createCounter(), spoil)
  const saying =
    (say: (text: string) => string) =>
    (core: ServerCore): ServerCore => ({
      ...core,
      opened: (socket, origin) =>
        core.opened(
          {
            send: (text) => socket.send(say(text)),
            close: (code, reason) => socket.close(code, reason),
            bufferedAmount: 0,
          },
          origin,
        ),
    })

  it('one without: nothing is said', async () => {
    await expect(play(saying((text) => text))).resolves.toBeUndefined()
  })
  it('that says what no client can read', async () => {
    await expect(play(saying((text) => text.replaceAll('"message":"', '"message":7,"m":"')))).rejects.toThrow(
      'broke the protocol',
    )
  })
  it('that acknowledges nothing', async () => {
    await expect(
      play(saying((text) => text.replaceAll('"type":"ack"', '"type":"acknowledged"'))),
    ).rejects.toThrow('not acknowledged')
  })
})
