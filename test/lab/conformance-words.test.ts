import { afterEach, describe, expect, it, vi } from 'vitest'
import { main } from '../../lab/conformance/main.js'

afterEach(() => vi.restoreAllMocks())

const run = async (...words: string[]) => {
  const said: string[] = []
  const note = (...parts: unknown[]) => void said.push(parts.join(' '))
  vi.spyOn(console, 'log').mockImplementation(note)
  vi.spyOn(console, 'error').mockImplementation(note)
  return { code: await main(words), said: said.join('\n') }
}
const three = ['--token', 'a=1', '--token', 'b=2', '--token', 'c=3']

describe('the words of the conformance kit', () => {
  it('are explained when there are none, or when help is wanted', async () => {
    expect(await run()).toMatchObject({ code: 3, said: expect.stringContaining('Usage:') })
    expect(await run('--help')).toMatchObject({ code: 0, said: expect.stringContaining('Usage:') })
  })

  it.each([
    [['http://127.0.0.1'], 'begins with ws://'],
    [['nowhere'], 'begins with ws://'],
    [['ws://127.0.0.1:1/v1/ws', '--token', 'alice'], 'USER=TOKEN'],
    [
      ['ws://127.0.0.1:1/v1/ws', '--token', 'a=1', '--token', 'a=2', '--token', 'a=3'],
      'Three different users',
    ],
    [['ws://127.0.0.1:1/v1/ws', ...three, '--only', 'cooking'], 'no chapter "cooking"'],
    [['ws://127.0.0.1:1/v1/ws', ...three, '--patience', 'long'], '--patience takes milliseconds'],
    [['ws://127.0.0.1:1/v1/ws', ...three, '--over', 'pigeon'], 'websocket or http'],
    [['ws://127.0.0.1:1/v1/ws', '--colour', 'blue'], '--colour'],
  ])('%j are refused with a sentence', async (words, sentence) => {
    expect(await run(...words)).toMatchObject({ code: 3, said: expect.stringContaining(sentence) })
  })

  it('lead to a report in which every case fails where there is no server', async () => {
    const { code, said } = await run('ws://127.0.0.1:1/v1/ws', ...three, '--only', 'tokens')
    expect(code).toBe(1)
    expect(said).toContain('0 of 5')
    expect(said).toContain('no WebSocket connection')
  })
})
