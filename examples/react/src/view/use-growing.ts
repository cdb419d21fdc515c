import { type RefObject, useLayoutEffect } from 'react'

/** Lets a box grow with what is written in it; the style sheet sets where it stops. */
export const useGrowing = (box: RefObject<HTMLTextAreaElement | null>, text: string): void =>
  useLayoutEffect(() => {
    if (box.current === null) return
    box.current.style.height = 'auto'
    box.current.style.height = text === '' ? '' : `${box.current.scrollHeight}px`
  }, [box, text])
