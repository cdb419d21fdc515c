import type { Closed, Connect, Transport } from '../../core/seams/transport.js'
import { equal, eventually, holds, type Law, type Pause } from './law.js'

/** What the laws of transport need. */
export interface TransportSetup {
  readonly connect: Connect
  /** Where `scriptedPeer` answers. */
  readonly url: string
  /** Where nobody listens. */
  readonly refusedUrl: string
  readonly pause: Pause
  /** For a transport that its first text opens, as HTTP's: said in `onOpen`, unseen by the peer. It opens before anybody has answered. */
  readonly greeting?: string | undefined
}

export type TransportLaw = Law<TransportSetup>

/** A connection with everything it told. */
interface Tape {
  readonly transport: Transport
  /** `open`, `text …`, `close CODE`, in their order. */
  readonly told: string[]
  readonly texts: string[]
  readonly closes: Closed[]
}

interface Reactions {
  readonly onOpen?: (transport: Transport) => void
  readonly onText?: (transport: Transport, text: string) => void
  readonly onClose?: (transport: Transport) => void
}

function dial({ connect, greeting }: TransportSetup, url: string, react: Reactions = {}): Tape {
  const told: string[] = []
  const texts: string[] = []
  const closes: Closed[] = []
  const made: Transport[] = []
  const tell = (what: string, reaction?: (transport: Transport) => void) => {
    told.push(made[0] === undefined ? `${what}, before connect returned` : what)
    if (made[0] !== undefined) reaction?.(made[0])
  }
  const transport = connect(url, {
    onOpen() {
      if (greeting !== undefined) made[0]?.send(greeting)
      tell('open', react.onOpen)
    },
    onText(text) {
      texts.push(text)
      tell(`text ${text.slice(0, 50)}`, (made) => react.onText?.(made, text))
    },
    onClose(closed) {
      closes.push(closed)
      tell(`close ${closed.code}`, react.onClose)
    },
  })
  made.push(transport)
  return { transport, told, texts, closes }
}

const opened = ({ pause }: TransportSetup, { told }: Tape) =>
  eventually(pause, () => told.includes('text hello'), 'opening and the first text')

const closed = ({ pause }: TransportSetup, { closes }: Tape) =>
  eventually(pause, () => closes.length > 0, 'telling the close')

/** Long enough for anything that should not come. */
async function quiet({ pause }: TransportSetup): Promise<void> {
  for (let i = 0; i < 10; i++) await pause()
}

/** The tape of a connection that was never open: one close, nothing else. */
async function neverOpen(setup: TransportSetup, tape: Tape, what: string): Promise<void> {
  await closed(setup, tape)
  await quiet(setup)
  equal(tape.told.length, 1, `${what}: calls`)
  holds(
    tape.told[0]?.startsWith('close') === true && !tape.told[0].includes('before'),
    `${what}: told ${tape.told[0]}`,
  )
}

/** A law about one connection that is open, ended and silent afterwards. */
const aboutOpen = (
  name: string,
  check: (tape: Tape, setup: TransportSetup) => Promise<void>,
  react: Reactions = {},
): TransportLaw => ({
  name,
  async run(setup) {
    const tape = dial(setup, setup.url, react)
    await opened(setup, tape)
    equal(tape.told[0], 'open', 'the first call')
    await check(tape, setup)
    tape.transport.close()
    await closed(setup, tape)
    const count = tape.told.length
    await quiet(setup)
    equal(tape.told.slice(count), [], 'calls after the close')
    equal(tape.closes.length, 1, 'closes')
    equal(tape.told.filter((what) => what === 'open').length, 1, 'opens')
    holds(
      !tape.told.some((what) => what.includes('before connect')),
      'something was told before connect returned',
    )
  },
})

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i))

const messages: readonly TransportLaw[] = [
  aboutOpen(
    'opens once, then brings texts, and calls nothing before connect has returned',
    async ({ told }) => {
      equal(told.slice(0, 2), ['open', 'text hello'], 'the first calls')
    },
  ),
  aboutOpen('brings texts in their order, both ways', async ({ transport, texts }, { pause }) => {
    for (const text of numbers(200)) transport.send(text)
    await eventually(pause, () => texts.length > 200, 'echoing 200 texts')
    equal(texts, ['hello', ...numbers(200)], 'texts')
  }),
  aboutOpen('brings every text of a burst before the close behind it', async (tape, setup) => {
    tape.transport.send('burst 500 close')
    await closed(setup, tape)
    equal(tape.texts, ['hello', ...numbers(500)], 'texts')
    equal(tape.closes, [{ code: 4001, reason: 'after the burst' }], 'the close')
  }),
  aboutOpen('carries long texts and every letter', async ({ transport, texts }, { pause }) => {
    const text = 'naïve \u0000 "quoted" 😀\n'.repeat(20_000)
    transport.send(text)
    await eventually(pause, () => texts.length > 1, 'echoing a long text')
    holds(texts[1] === text, 'the text came back changed')
  }),
  aboutOpen('carries an empty text', async ({ transport, texts }, { pause }) => {
    transport.send('')
    transport.send('after it')
    await eventually(pause, () => texts.includes('after it'), 'echoing')
    equal(texts, ['hello', '', 'after it'], 'texts')
  }),
  aboutOpen(
    'takes what is sent inside onOpen',
    async ({ texts }, { pause }) => {
      await eventually(pause, () => texts.includes('from onOpen'), 'echoing')
    },
    { onOpen: (transport) => transport.send('from onOpen') },
  ),
  aboutOpen(
    'says what it has not sent yet, and nothing once all is sent',
    async ({ transport, texts }, { pause }) => {
      equal(transport.bufferedAmount, 0, 'at the start')
      transport.send('x'.repeat(10_000))
      holds(transport.bufferedAmount >= 0, 'a negative amount')
      await eventually(pause, () => texts.length > 1, 'echoing')
      // Over HTTP an echo on the stream can overtake the answer to the request that carried the text.
      await eventually(pause, () => transport.bufferedAmount === 0, 'an amount of 0 at the end')
      holds(transport.kind.length > 0, 'it has no kind')
    },
  ),
  {
    name: 'keeps two connections apart',
    async run(setup) {
      const [one, two] = [dial(setup, setup.url), dial(setup, setup.url)]
      await Promise.all([opened(setup, one), opened(setup, two)])
      one.transport.send('to one')
      one.transport.close()
      await closed(setup, one)
      two.transport.send('to two')
      await eventually(setup.pause, () => two.texts.includes('to two'), 'echoing on the other')
      equal(two.texts, ['hello', 'to two'], 'texts of the other')
      two.transport.close()
      await closed(setup, two)
    },
  },
]

const endings: readonly TransportLaw[] = [
  aboutOpen('tells its own close once, with its code, however often it is closed', async (tape, setup) => {
    tape.transport.close(4000, 'enough')
    tape.transport.close(4001, 'again')
    await closed(setup, tape)
    equal(tape.closes[0]?.code, 4000, 'the code')
    tape.transport.close()
  }),
  aboutOpen('tells the code and the reason of a close by the server', async (tape, setup) => {
    tape.transport.send('close 4501 {"code":"unauthorised"}')
    await closed(setup, tape)
    equal(tape.closes, [{ code: 4501, reason: '{"code":"unauthorised"}' }], 'the close')
  }),
  aboutOpen('tells a broken connection as 1006', async (tape, setup) => {
    tape.transport.send('drop')
    await closed(setup, tape)
    equal(tape.closes[0]?.code, 1006, 'the code')
  }),
  aboutOpen('ignores what is sent after the close', async (tape, setup) => {
    tape.transport.close()
    tape.transport.send('while closing')
    await closed(setup, tape)
    tape.transport.send('after the close')
    equal(tape.texts, ['hello'], 'texts')
  }),
  aboutOpen('brings no text once it was told to close', async (tape, setup) => {
    tape.transport.send('burst 100')
    tape.transport.close()
    const count = tape.texts.length
    await closed(setup, tape)
    equal(tape.texts.slice(count), [], 'texts after close()')
  }),
  aboutOpen(
    'never throws on a code or a reason that no close frame may carry, and closes',
    async (tape, setup) => {
      tape.transport.close(1006, 'r'.repeat(500))
      await closed(setup, tape)
    },
  ),
  {
    name: 'closes with the codes and reasons of nobody, without throwing',
    async run(setup) {
      for (const code of [0, 1, 999, 1001, 5000, Number.NaN, 4000.5]) {
        const tape = dial(setup, setup.url)
        await opened(setup, tape)
        tape.transport.close(code, '😀'.repeat(100))
        await closed(setup, tape)
        equal(tape.closes.length, 1, `closes with ${code}`)
      }
    },
  },
  aboutOpen('cuts a reason that is too long for a close frame, and keeps the code', async (tape, setup) => {
    tape.transport.close(4000, `x${'😀'.repeat(100)}`)
    await closed(setup, tape)
    equal(tape.closes[0]?.code, 4000, 'the code')
  }),
  aboutOpen(
    'may be closed and used inside its own calls',
    async (tape, setup) => {
      tape.transport.send('now')
      await closed(setup, tape)
    },
    {
      onText: (transport, text) => text === 'now' && transport.close(),
      onClose(transport) {
        transport.send('in onClose')
        transport.close()
      },
    },
  ),
  {
    name: 'tells one close and no opening when it is closed before it was open',
    async run(setup) {
      const tape = dial(setup, setup.url)
      tape.transport.send('too early')
      tape.transport.close(4000, 'changed my mind')
      equal(tape.told, [], 'told inside close()')
      await neverOpen(setup, tape, 'closed before it was open')
      tape.transport.send('too late')
      tape.transport.close()
    },
  },
  {
    name: 'forgets what is sent before it is open',
    async run(setup) {
      const tape = dial(setup, setup.url)
      tape.transport.send('too early')
      await opened(setup, tape)
      tape.transport.send('in time')
      await eventually(setup.pause, () => tape.texts.includes('in time'), 'echoing')
      equal(tape.texts, ['hello', 'in time'], 'texts')
      tape.transport.close()
      await closed(setup, tape)
    },
  },
  {
    name: 'tells an attempt that nobody answers as one close with 1006',
    async run(setup) {
      const tape = dial(setup, setup.refusedUrl)
      await closed(setup, tape)
      await quiet(setup)
      const due = setup.greeting === undefined ? ['close 1006'] : ['open', 'close 1006']
      equal(tape.told, due, 'calls of a refused attempt')
    },
  },
  {
    name: 'tells a bad url as one close with 1006, not as an exception',
    async run(setup) {
      for (const url of ['ws://[', 'ws://host:99999/', 'wrong://host/']) {
        const tape = dial(setup, url)
        tape.transport.send('into the void')
        await neverOpen(setup, tape, url)
        equal(tape.closes[0]?.code, 1006, 'the code')
        tape.transport.close()
      }
    },
  },
]

/**
 * What every transport adapter must do, one law each, against a server that runs `scriptedPeer`. Run them with any test runner:
 * `for (const law of transportLaws) it(law.name, () => law.run({ connect, url, refusedUrl, pause }))`.
 */
export const transportLaws: readonly TransportLaw[] = [...messages, ...endings]
