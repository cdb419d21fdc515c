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

/** Whether the page may be gone before it hears another signal: what must not be lost is written and told now. */
export const mayBeTheLast = (signal: LifecycleSignal): boolean =>
  signal === 'hidden' || signal === 'pagehide' || signal === 'freeze'

/** Laws: nothing is told before `listen` returned or after its stop was called. */
export interface Lifecycle {
  listen(fn: (signal: LifecycleSignal) => void): () => void
}
