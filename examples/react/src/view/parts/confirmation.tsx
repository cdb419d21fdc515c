import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react'

interface ConfirmationProps {
  readonly title: string
  readonly action: string
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Asks once more before something that cannot be taken back. */
export const Confirmation = (props: ConfirmationProps): ReactElement => {
  const { title, action, onConfirm, onClose, children } = props
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
  return (
    <dialog ref={dialog} className="modal" role="alertdialog" aria-labelledby={titleId} onClose={noteClosed}>
      <h2 id={titleId}>{title}</h2>
      {children}
      <div className="modal-ways">
        <button type="button" className="plain" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="solid grave"
          onClick={() => {
            onClose()
            onConfirm()
          }}
        >
          {action}
        </button>
      </div>
    </dialog>
  )
}
