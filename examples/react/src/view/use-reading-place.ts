import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

/** This close to the end, a reader follows what comes in. */
const NEAR_END_PX = 32
/** Further than this, a smooth journey is only long. */
const SMOOTH_WITHIN_PX = 2_400

/** Where the reader is: at the end, or with a row at some distance from the upper edge. */
interface ReadingPlace {
  readonly atEnd: boolean
  readonly row: Element | null
  readonly top: number
}

const placeIn = (frame: HTMLElement, goesOn: boolean): ReadingPlace => {
  const atEnd = !goesOn && frame.scrollHeight - frame.scrollTop - frame.clientHeight <= NEAR_END_PX
  const edge = frame.getBoundingClientRect().top
  const rows = frame.querySelectorAll('[data-key]')
  const row = firstBelow(rows, edge)
  return { atEnd, row, top: row === null ? 0 : row.getBoundingClientRect().top - edge }
}

/** The first row that reaches below a height on the screen; rows stand in order, so halving finds it. */
const firstBelow = (rows: NodeListOf<Element>, height: number): Element | null => {
  let from = 0
  let to = rows.length
  while (from < to) {
    const middle = (from + to) >> 1
    const row = rows.item(middle)
    if (row.getBoundingClientRect().bottom <= height) from = middle + 1
    else to = middle
  }
  return rows[from] ?? null
}

export interface ReadingPlaceHold {
  readonly frame: RefObject<HTMLDivElement | null>
  readonly atEnd: boolean
  readonly onScroll: () => void
  readonly toEnd: () => void
}

/**
 * Keeps the reader where they are while the list changes around them: at the end if they were there, else with the same row
 * at the same height, whether older messages were loaded, a late one slipped in above or the box below grew. While the list goes on
 * beyond what is loaded, its lower edge is not the end.
 */
export const useReadingPlace = (goesOn: boolean): ReadingPlaceHold => {
  const frame = useRef<HTMLDivElement>(null)
  const place = useRef<ReadingPlace>({ atEnd: true, row: null, top: 0 })
  const [atEnd, setAtEnd] = useState(true)

  const onScroll = useCallback(() => {
    if (frame.current === null) return
    place.current = placeIn(frame.current, goesOn)
    setAtEnd(place.current.atEnd)
  }, [goesOn])

  const restore = useCallback(() => {
    const { current } = frame
    const { atEnd, row, top } = place.current
    if (current === null) return
    if (atEnd) current.scrollTop = current.scrollHeight
    else if (row?.isConnected)
      current.scrollTop += row.getBoundingClientRect().top - current.getBoundingClientRect().top - top
  }, [])

  useLayoutEffect(restore)
  // Whether this is the end may change without a movement.
  useEffect(onScroll, [onScroll])
  useEffect(() => {
    const { current } = frame
    if (current === null) return
    const observer = new ResizeObserver(restore)
    observer.observe(current)
    for (const child of current.children) observer.observe(child)
    return () => observer.disconnect()
  }, [restore])

  const toEnd = useCallback(() => {
    const { current } = frame
    if (current === null) return
    const away = current.scrollHeight - current.scrollTop - current.clientHeight
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches || away > SMOOTH_WITHIN_PX
    current.scrollTo({ top: current.scrollHeight, behavior: calm ? 'instant' : 'smooth' })
    place.current = { atEnd: true, row: null, top: 0 }
  }, [])

  return { frame, atEnd, onScroll, toEnd }
}
