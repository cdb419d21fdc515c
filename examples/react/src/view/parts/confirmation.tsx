import type { ReactElement, ReactNode } from 'react'
import { Modal } from './modal.js'

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
  return (
    <Modal title={title} asks onClose={onClose}>
      {(leave) => (
        <>
          {children}
          <div className="modal-ways">
            <button type="button" className="plain" onClick={leave}>
              Cancel
            </button>
            <button
              type="button"
              className="solid grave"
              onClick={() => {
                leave()
                onConfirm()
              }}
            >
              {action}
            </button>
          </div>
        </>
      )}
    </Modal>
  )
}
