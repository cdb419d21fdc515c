/** What the platform says about the page or the app. Hints, not truth: they make the client look, they never decide. */
export type LifecycleSignal =
  | 'online'
  | 'offline'
  | 'visible'
  | 'hidden'
  | 'freeze'
  | 'resume'
  | 'pagehide'
  | 'pageshow'
  /** The person did something: pointer, key, wheel, touch. */
  | 'active'

/** Laws: nothing is told before `listen` returned or after its stop was called. */
export interface Lifecycle {
  listen(fn: (signal: LifecycleSignal) => void): () => void
}
