import { type ReactElement, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { placeBeside } from '../../model/beside.js'
import type { Anchor } from '../../model/desk.js'

interface PopoverProps {
  readonly name: string
  readonly at: Anchor
  readonly onClose: () => void
  /** Given a way to close it at once, before what comes next takes the focus. */
  readonly children: (leave: () => void) => ReactNode
}

/**
 * Something small that opens beside what it belongs to; on a narrow screen a sheet at the lower edge. A native dialog: it keeps the
 * focus inside, closes on Escape, and gives the focus back to where it was.
 */
export const Popover = ({ name, at, onClose, children }: PopoverProps): ReactElement => {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const { current } = dialog
    if (current === null) return
    const place = () => {
      const { width, height } = current.getBoundingClientRect()
      const { left, top } = placeBeside(at, { width, height }, { width: innerWidth, height: innerHeight })
      current.style.setProperty('--left', `${left}px`)
      current.style.setProperty('--top', `${top}px`)
    }
    current.showModal()
    place()
    addEventListener('resize', place)
    return () => {
      removeEventListener('resize', place)
      current.close()
    }
  }, [at])
  useEffect(() => {
    const { current } = dialog
    // A click on the dialog itself is one beside what it holds.
    const closeOutside = ({ target }: Event) => {
      if (target === current) onClose()
    }
    current?.addEventListener('click', closeOutside)
    return () => current?.removeEventListener('click', closeOutside)
  }, [onClose])
  // The event comes a moment later: by then the dialog may have been opened anew.
  const noteClosed = () => {
    if (!dialog.current?.open) onClose()
  }
  const leave = () => {
    dialog.current?.close()
    onClose()
  }
  return (
    <dialog ref={dialog} className="popover" aria-label={name} onClose={noteClosed}>
      <div className="popover-in">{children(leave)}</div>
    </dialog>
  )
}
