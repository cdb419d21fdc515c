import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react'

interface ModalProps {
  readonly title: string
  /** A question that wants an answer, rather than a place to stay. */
  readonly asks?: boolean
  readonly onClose: () => void
  /** Given a way to close it at once, before what comes next takes the focus. */
  readonly children: (leave: () => void) => ReactNode
}

/** A window over the page. A native dialog: it keeps the focus inside, closes on Escape, and gives the focus back. */
export const Modal = ({ title, asks = false, onClose, children }: ModalProps): ReactElement => {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const { current } = dialog
    current?.showModal()
    return () => current?.close()
  }, [])
  // The event comes a moment later: by then the dialog may have been opened anew.
  const noteClosed = () => {
    if (!dialog.current?.open) onClose()
  }
  const leave = () => {
    dialog.current?.close()
    onClose()
  }
  return (
    <dialog
      ref={dialog}
      className="modal"
      role={asks ? 'alertdialog' : undefined}
      aria-labelledby={titleId}
      onClose={noteClosed}
    >
      <h2 id={titleId}>{title}</h2>
      {children(leave)}
    </dialog>
  )
}
