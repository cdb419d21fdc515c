import { type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { Icon } from './icons.js'

interface DrawerProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

/**
 * A sheet from the left for narrow screens. A native dialog: it keeps the focus inside, closes on Escape and on a click beside it,
 * and gives the focus back.
 */
export const Drawer = ({ open, onClose, children }: DrawerProps): ReactElement => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  // React tells a dialog of the closing of those inside of it as well.
  const noteClosed = () => {
    if (!dialog.current?.open) onClose()
  }
  return (
    <dialog ref={dialog} className="drawer" closedby="any" aria-label="Rooms and you" onClose={noteClosed}>
      <button type="button" className="quiet drawer-close" aria-label="Close" onClick={onClose}>
        <Icon name="close" />
      </button>
      {open && children}
    </dialog>
  )
}
