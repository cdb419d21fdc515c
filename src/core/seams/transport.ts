/** Why a transport ended. Code 1006 means that no close frame was seen. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** What a transport tells its owner. */
export interface TransportEvents {
  onOpen(): void
  /** One text message. */
  onText(text: string): void
  onClose(closed: Closed): void
}

/** One attempt at a connection, and while it lasts, the connection. */
export interface Transport {
  /** `websocket`, `http` … */
  readonly kind: string
  /** Bytes handed over and not yet sent. */
  readonly bufferedAmount: number
  /** Takes a text message; silently does nothing unless open. Never throws. */
  send(text: string): void
  /** Ends it. `onClose` follows unless it was told before. Never throws. */
  close(code?: number, reason?: string): void
}

/**
 * Starts one attempt; never retries.
 *
 * Laws: calls nothing before it has returned; `onOpen` at most once; `onText` only between `onOpen` and `onClose`; `onClose` exactly
 * once, also when the attempt fails, and nothing after it. A bad url is an `onClose`, not an exception.
 */
export type Connect = (url: string, events: TransportEvents) => Transport
