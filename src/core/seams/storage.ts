/** What a store keeps: JSON that survives a structured clone and a round trip through text alike. */
export type Stored = null | boolean | number | string | readonly Stored[] | { readonly [key: string]: Stored }

/** One change of a transaction. `delRange` removes every key from `gte` up to but not including `lt`. */
export type Change =
  | { readonly put: string; readonly value: Stored }
  | { readonly del: string }
  | { readonly delRange: readonly [gte: string, lt: string] }

/** How sure a commit must be: `strict` asks the platform to flush, `relaxed` survives the process but perhaps not a power cut. */
export type Durability = 'strict' | 'relaxed'

/** Keys from `gte` up to but not including `lt`, in code-unit order, or backwards. */
export interface Range {
  readonly gte: string
  readonly lt: string
  readonly limit?: number
  readonly reverse?: boolean
}

/** Why a store is gone: its connection was closed, its data was removed, or what is there cannot be read. */
export type StoreLoss = 'closed' | 'emptied' | 'corrupt'

/** Why storage refused. Adapters reject with an error that carries one of these as `code`. */
export type StorageFault = 'unavailable' | 'blocked' | 'quota' | 'closed' | 'corrupt' | 'timeout'

/** A rejection of a storage adapter. Decisions read `code`, never the message. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  constructor(
    readonly code: StorageFault,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options)
  }
}

/**
 * An ordered key-value store shared by all contexts of a profile that open the same name.
 *
 * Laws: keys are strings in code-unit order. Values given out are not shared with the store, values taken in are copied. After
 * `close()` every call rejects `closed`; calls under way settle first.
 */
export interface Store {
  /** It stands in for one that did not open, does not outlive the page, and will be lost as soon as that one opens. */
  readonly isFallback?: true
  /** Values in the order of the keys; `undefined` where there is none. Consistent: no commit lies between two of them. */
  read(keys: readonly string[]): Promise<readonly (Stored | undefined)[]>
  /** Entries of a range, or of several, those of the first one first. Consistent like `read`: no commit lies between two of them. */
  scan(...ranges: readonly Range[]): Promise<readonly (readonly [string, Stored])[]>
  /**
   * Reads, lets `fn` decide, writes: all or none, serialised against every other transaction on this name in every context.
   * `fn` is synchronous, so nothing can end the transaction half-way; when it throws, nothing is written and the rejection is what
   * it threw. It may run again if an attempt failed before anything was committed, so it must not have effects of its own.
   * Resolves with `fn`'s result only when the commit is complete.
   */
  transact<T>(
    readKeys: readonly string[],
    fn: (values: readonly (Stored | undefined)[]) => {
      readonly changes: readonly Change[]
      readonly result: T
    },
    durability: Durability,
  ): Promise<T>
  /** Tells the keys under a prefix that *other* contexts committed (a range delete is told as its `gte`). May miss some: a hint. */
  watch(prefix: string, fn: (keys: readonly string[]) => void): () => void
  /** Tells once that the store is gone; later calls reject `closed`. */
  onLost(fn: (why: StoreLoss) => void): () => void
  close(): Promise<void>
}

/** Where stores live. */
export interface Storage {
  /** `indexed-db`, `memory` …: shown to applications in `client.storage`. */
  readonly kind: string
  /** Whether what is stored outlives the page. */
  readonly durable: boolean
  /** Opens or creates. Rejects with a StorageError; never waits for ever. */
  open(name: string): Promise<Store>
  /** Removes a closed store, best effort: other contexts may hold it open. */
  destroy(name: string): Promise<void>
}
