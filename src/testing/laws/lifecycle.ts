import type { Lifecycle, LifecycleSignal } from '../../core/seams/lifecycle.js'
import { equal, holds, type Law } from './law.js'

/** What the laws of a lifecycle need. */
export interface LifecycleSetup {
  readonly lifecycle: Lifecycle
  /** Makes the platform say something at once; the law does not care what. */
  readonly provoke: () => void
}

export type LifecycleLaw = Law<LifecycleSetup>

const listen = (lifecycle: Lifecycle) => {
  const heard: LifecycleSignal[] = []
  return { heard, stop: lifecycle.listen((signal) => heard.push(signal)) }
}

/** What every lifecycle adapter must do, one law each. */
export const lifecycleLaws: readonly LifecycleLaw[] = [
  {
    name: 'tells nothing before it is asked for, and then every listener',
    async run({ lifecycle, provoke }) {
      provoke()
      const [one, two] = [listen(lifecycle), listen(lifecycle)]
      equal(one.heard, [], 'told inside listen')
      provoke()
      holds(one.heard.length > 0, 'nothing was told')
      equal(two.heard, one.heard, 'told to the other')
      one.stop()
      two.stop()
    },
  },
  {
    name: 'tells nothing after its stop, which may be called twice, and goes on telling the others',
    async run({ lifecycle, provoke }) {
      const [one, two] = [listen(lifecycle), listen(lifecycle)]
      one.stop()
      one.stop()
      provoke()
      equal(one.heard, [], 'told after stop')
      holds(two.heard.length > 0, 'nothing was told to the other')
      two.stop()
    },
  },
  {
    name: 'counts one function that listens twice as two listeners',
    async run({ lifecycle, provoke }) {
      let heard = 0
      const fn = () => {
        heard++
      }
      const [stopOne, stopTwo] = [lifecycle.listen(fn), lifecycle.listen(fn)]
      stopOne()
      provoke()
      holds(heard > 0, 'the second was stopped with the first')
      stopTwo()
    },
  },
  {
    name: 'begins anew for whoever listens after all others have stopped',
    async run({ lifecycle, provoke }) {
      const first = listen(lifecycle)
      first.stop()
      provoke()
      const second = listen(lifecycle)
      first.stop()
      provoke()
      equal(first.heard, [], 'told after stop')
      holds(second.heard.length > 0, 'nothing was told')
      second.stop()
    },
  },
]
