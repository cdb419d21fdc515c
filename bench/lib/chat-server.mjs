// A server with a room of chat, in a process of its own.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../children/chat-server.mjs', import.meta.url))

/** Runs `use({url, token, frameUrl, bytes})` beside a server whose room `general` holds `count` messages. */
export const withChatServer = async (count, origin, use) => {
  const server = fork(script, [String(count), origin])
  try {
    const [told] = await Promise.race([
      once(server, 'message'),
      once(server, 'exit').then(() => Promise.reject(new Error('the server with the chat did not start'))),
    ])
    return await use(told)
  } finally {
    server.kill()
  }
}
