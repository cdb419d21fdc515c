import { contained } from '../emitter.js'
import { thrownByListener } from '../errors.js'
import type { ConnectionOptions } from './contract.js'

/** The owner's functions, so wrapped that nothing they throw reaches the machine: it is reported instead. */
export interface Owner {
  readonly options: ConnectionOptions
  /** For what others throw, such as listeners. */
  readonly onThrow: (cause: unknown) => void
}

export function ownerOf(options: ConnectionOptions): Owner {
  // Nobody is left to be told of what it throws.
  const onError = contained(options.onError, () => undefined)
  const onThrow = (cause: unknown): void => onError(thrownByListener(cause))

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
      onWelcome: contained(options.onWelcome, onThrow),
      onFrames: contained(options.onFrames, onThrow),
      onDown: contained(options.onDown, onThrow),
      onRoom: contained(options.onRoom, onThrow),
      onError,
      trace: options.trace && contained(options.trace, onThrow),
    },
  }
}
