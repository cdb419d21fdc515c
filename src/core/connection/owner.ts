import { TidingsError } from '../errors.js'
import type { ConnectionOptions } from './contract.js'

/** The owner's functions, so wrapped that nothing they throw reaches the machine: it is reported instead. */
export interface Owner {
  readonly options: ConnectionOptions
  /** For what others throw, such as listeners. */
  readonly onThrow: (cause: unknown) => void
}

export function ownerOf(options: ConnectionOptions): Owner {
  function onThrow(cause: unknown): void {
    onError(new TidingsError('listener', 'A listener threw. Nothing else was affected.', { cause }))
  }

  function onError(error: TidingsError): void {
    try {
      options.onError(error)
    } catch {
      // Nobody is left to be told.
    }
  }

  const contained =
    <A extends readonly unknown[]>(tell: (...told: A) => void) =>
    (...told: A): void => {
      try {
        tell(...told)
      } catch (cause) {
        onThrow(cause)
      }
    }

  return {
    onThrow,
    options: {
      ...options,
      rooms() {
        try {
          return options.rooms()
        } catch (cause) {
          onThrow(cause)
          return []
        }
      },
      onWelcome: contained(options.onWelcome),
      onFrames: contained(options.onFrames),
      onDown: contained(options.onDown),
      onRoom: contained(options.onRoom),
      onError,
      trace: options.trace && contained(options.trace),
    },
  }
}
