import { useSyncExternalStore } from 'react'
import type { Readable } from '../core/seams/readable.js'

/** The value of any Readable, kept current: `useReadable(client.storage)`. Every other hook is a line over this one. */
export const useReadable = <T>(readable: Readable<T>): T =>
  useSyncExternalStore(readable.subscribe, readable.get, readable.get)
