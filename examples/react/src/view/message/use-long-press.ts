import { type PointerEvent, useRef } from 'react'

const LONG_MS = 450
/** A finger that moves further scrolls. */
const STILL_WITHIN_PX = 10

/** Handlers that tell a long press of a finger from a touch and from scrolling. A mouse has other ways. */
export const useLongPress = (onLongPress: (pressed: Element) => void) => {
  const press = useRef<{ timer: number; x: number; y: number } | null>(null)
  const end = () => {
    if (press.current !== null) clearTimeout(press.current.timer)
    press.current = null
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      end()
      if (event.pointerType !== 'touch') return
      const { currentTarget, clientX, clientY } = event
      const timer = window.setTimeout(() => {
        press.current = null
        onLongPress(currentTarget)
      }, LONG_MS)
      press.current = { timer, x: clientX, y: clientY }
    },
    onPointerMove: ({ clientX, clientY }: PointerEvent) => {
      const { current } = press
      if (current === null) return
      if (Math.hypot(clientX - current.x, clientY - current.y) > STILL_WITHIN_PX) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
    onPointerLeave: end,
  }
}
