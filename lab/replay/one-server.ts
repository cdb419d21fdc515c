import type { Ground, Moment } from './ground.js'
import { openLogFile } from './rows.js'
import { createServerProcess } from './server-process.js'

export interface OneServerOptions {
  /** The built server. */
  readonly program: string
  /** Its database. */
  readonly file: string
  readonly chaos: string | undefined
  readonly say: (text: string) => void
}

const KILLS_AT_LEAST = 4
const MESSAGES_A_KILL = 5_000

/** One server on a file. */
export async function createOneServer({ program, file, chaos, say }: OneServerOptions): Promise<Ground> {
  const onCrash = (why: string): void => say(`The server ended by itself: ${why}`)
  const server = await createServerProcess({ program, keeps: ['--data', file], chaos, onCrash })
  let kills = 0

  /** The moment is right when somebody waits for an answer: the commit may be done, half done or not begun. */
  async function kill({ unanswered, wait, random }: Moment): Promise<boolean> {
    await wait(random.next() * 6)
    const waiting = unanswered(server.url)
    if (waiting === 0 || !server.isUp()) return false
    await server.kill()
    kills += 1
    say(`Server killed with ${waiting} operations unanswered.`)
    await wait(random.next() * 200)
    await server.start()
    return true
  }

  return {
    urls: [server.url],
    outages: [
      {
        times: (messages) => Math.max(KILLS_AT_LEAST, Math.round(messages / MESSAGES_A_KILL)),
        strike: kill,
      },
    ],
    get serverKills() {
      return kills
    },
    start: server.start,
    token: server.token,
    stop: server.stop,
    openLog: () => openLogFile(file),
    close: () => Promise.resolve(),
  }
}
