import { describe, expect, it } from 'vitest'
import { createBench } from '../../server/test/support/bench.js'
import { CLOSE } from '../../src/protocol/index.js'
import { goldenOf } from './golden.js'

/** What the reference server makes of the golden frames that clients send. */
describe.each(goldenOf('client').filter(({ type }) => type !== 'hello'))(
  'a server that is sent $type',
  (golden) => {
    const connected = async () => {
      const bench = createBench()
      const puppet = await bench.join('alice', 'general')
      puppet.take()
      /** Complaints about the shape of a frame; refusals for other reasons are none. */
      const complaints = () =>
        puppet
          .take()
          .filter((frame) => (frame.type === 'error' || frame.type === 'nack') && frame.code === 'invalid')
      return { puppet, complaints }
    }

    it.each(golden.valid)('does not complain: $what', async ({ text }) => {
      const { puppet, complaints } = await connected()
      await puppet.raw(text)
      // Another user's token ends a connection, and rightly: that is no complaint about the frame.
      const ended = golden.type === 'auth' ? CLOSE.unauthorised : undefined
      expect([complaints(), puppet.closed?.code]).toEqual([[], ended])
    })

    it.each(golden.invalid)('says where it is wrong and goes on: $what', async ({ text, path }) => {
      const { puppet, complaints } = await connected()
      await puppet.raw(text)
      const [complaint, ...more] = complaints()
      expect(complaint).toMatchObject({ message: expect.stringContaining(path) })
      expect([more, puppet.closed]).toEqual([[], undefined])
      await puppet.raw('{"type":"ping","t":7}')
      expect(puppet.takeOnly('pong')).toMatchObject([{ t: 7 }])
    })
  },
)

describe('a server that is greeted', () => {
  const hello = goldenOf('client').filter(({ type }) => type === 'hello')

  it.each(hello.flatMap(({ valid }) => valid))('takes it: $what', async ({ text }) => {
    const puppet = createBench().connect()
    await puppet.raw(text)
    // Without a token, or with another version, there are other reasons to say no.
    expect(puppet.closed?.code).not.toBe(CLOSE.protocolError)
  })

  it.each(hello.flatMap(({ invalid }) => invalid))('hangs up: $what', async ({ text }) => {
    const puppet = createBench().connect()
    await puppet.raw(text)
    expect(puppet.closed?.code).toBe(CLOSE.protocolError)
  })
})
