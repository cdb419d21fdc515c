import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { Jump, JumpTarget, Room } from 'tidings'
import { useReadable } from 'tidings/react'
import { useDesk } from './desk-context.js'

const reasons: Record<Extract<Jump, { found: false }>['reason'], string | null> = {
  offline: 'That is not on this device. It can be shown once there is a connection.',
  not_found: 'There is no such message any more.',
  storage: 'This device has no space to show it.',
  superseded: null,
}

const flash = (row: HTMLElement) => {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  row.animate([{ backgroundColor: 'var(--accent-wash)' }, { backgroundColor: 'transparent' }], 1_400)
}

const rowIn = (list: HTMLElement | null, name: string) =>
  list?.querySelector<HTMLElement>(`[data-key="${CSS.escape(name)}"], [data-id="${CSS.escape(name)}"]`)

/** Takes the reader to where the desk says: a row that is drawn, or one that has to be brought into the list first. */
export const useJourney = (room: Room, list: RefObject<HTMLElement | null>): string | null => {
  const { goal } = useDesk()
  const target = useReadable(goal)
  /** A row that will be drawn in a moment. */
  const awaited = useRef<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)

  const arrive = useCallback(
    (name: string): boolean => {
      const row = rowIn(list.current, name)
      if (!row) return false
      awaited.current = null
      row.scrollIntoView({ block: 'center' })
      row.focus({ preventScroll: true })
      flash(row)
      return true
    },
    [list],
  )
  const travel = useCallback(
    async (to: JumpTarget) => {
      const jump = await room.jumpTo(to)
      if (!jump.found) setTrouble(reasons[jump.reason])
      else if (jump.key !== null && !arrive(jump.key)) awaited.current = jump.key
    },
    [room, arrive],
  )

  useEffect(() => {
    if (target === null) return
    goal.set(null)
    setTrouble(null)
    if (typeof target === 'string' && arrive(target)) return
    void travel(target)
  }, [goal, target, arrive, travel])
  // After each change of the list: it may be there now.
  useEffect(() => {
    if (awaited.current !== null) arrive(awaited.current)
  })
  useEffect(() => {
    if (trouble === null) return
    const timer = setTimeout(() => setTrouble(null), 6_000)
    return () => clearTimeout(timer)
  }, [trouble])
  return trouble
}
