/** What the scripted peer needs of a connection. */
export interface ScriptedSocket {
  send(text: string): void
  close(code: number, reason: string): void
  /** Ends it without a close frame. */
  drop(): void
}

/**
 * The server that the laws of transport talk to. It says `hello` at once and echoes every text, except: `burst N` sends the numbers
 * below N in one go, `burst N close` closes right behind them with 4001, `close CODE REASON` closes, `drop` breaks the connection.
 */
export function scriptedPeer(socket: ScriptedSocket): { received(text: string): void } {
  const burst = (count: string | undefined) => {
    for (let i = 0; i < Number(count); i++) socket.send(String(i))
  }
  socket.send('hello')
  return {
    received(text) {
      const [verb, argument, ...rest] = text.slice(0, 100).split(' ')
      if (verb === 'drop') socket.drop()
      else if (verb === 'close') socket.close(Number(argument), rest.join(' '))
      else if (verb !== 'burst') socket.send(text)
      else {
        burst(argument)
        if (rest[0] === 'close') socket.close(4001, 'after the burst')
      }
    },
  }
}
