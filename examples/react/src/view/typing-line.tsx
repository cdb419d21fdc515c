import type { ReactElement } from 'react'
import { useTypingIndicator } from 'tidings/react'
import { typistsInWords } from '../model/typists.js'

/** Who writes right now. A component of its own: what others type draws nothing anew but this line. */
export const TypingLine = ({ room }: { readonly room: string }): ReactElement => {
  const { typingUsers } = useTypingIndicator(room)
  const words = typistsInWords(typingUsers.map(({ user }) => user))
  return (
    <p className="typing" data-typing={words !== ''}>
      {words !== '' && (
        <>
          <span className="typing-dots" aria-hidden="true">
            <span />
            <span />
            <span />
          </span>
          {words}
        </>
      )}
    </p>
  )
}
