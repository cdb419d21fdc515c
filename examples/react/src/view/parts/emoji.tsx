import type { ReactElement, ReactNode } from 'react'
import type { Offered } from '../../model/reactions.js'

const Face = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <>
    <circle cx="12" cy="12" r="10" fill="#fcc934" />
    {children}
  </>
)
const ink = { stroke: '#54350b', strokeWidth: 1.7, strokeLinecap: 'round', fill: 'none' } as const

const pictures: Record<Offered, ReactElement> = {
  '👍': (
    <>
      <path
        d="M8.2 10.6 12 3.4c1.8 0 2.7 1.3 2.4 3l-.5 2.9h4.6c1.5 0 2.5 1.3 2.1 2.8l-1.6 6.2c-.3 1.2-1.3 2-2.5 2H8.2z"
        fill="#fcc934"
      />
      <rect x="3" y="10.2" width="4" height="10.2" rx="1.4" fill="#3f74c9" />
    </>
  ),
  '❤️': (
    <path
      d="M12 20.6C5.3 15.8 2.8 12.6 2.8 9.2A4.9 4.9 0 0 1 7.7 4.2c1.8 0 3.4 1 4.3 2.5a5 5 0 0 1 4.3-2.5 4.9 4.9 0 0 1 4.9 5c0 3.4-2.5 6.6-9.2 11.4z"
      fill="#e5394f"
    />
  ),
  '😂': (
    <Face>
      <path d="M5.7 9.6q1.8-2 3.6 0M14.7 9.6q1.8-2 3.6 0" {...ink} />
      <path d="M6.6 12.6h10.8a5.4 5.4 0 0 1-10.8 0z" fill="#54350b" />
      <path d="M3.4 11.3c1.6 1.7 1.8 3.6.5 4.4S.9 15.9 3.4 11.3z" fill="#4aa3e8" />
      <path d="M20.6 11.3c-1.6 1.7-1.8 3.6-.5 4.4s3 .2.5-4.4z" fill="#4aa3e8" />
    </Face>
  ),
  '🎉': (
    <>
      <path d="M3 21 8 8.5l7.5 7.5z" fill="#fcc934" />
      <path d="m5.3 15.3 3.4 3.4M7 11.2l5.8 5.8" stroke="#e5394f" strokeWidth="1.6" />
      <path d="M13 10.5c2.5-2.5 1.5-4.5.5-6.5M14.5 12c1.5-2 4-2.5 6-1" {...ink} stroke="#3f74c9" />
      <circle cx="9" cy="4.5" r="1.3" fill="#e5394f" />
      <circle cx="18" cy="5.5" r="1.4" fill="#2fa36b" />
      <circle cx="20" cy="16" r="1.3" fill="#e5394f" />
    </>
  ),
  '😮': (
    <Face>
      <circle cx="8.3" cy="9.5" r="1.3" fill="#54350b" />
      <circle cx="15.7" cy="9.5" r="1.3" fill="#54350b" />
      <ellipse cx="12" cy="15.8" rx="2.4" ry="3" fill="#54350b" />
    </Face>
  ),
  '😢': (
    <Face>
      <circle cx="8.3" cy="10.5" r="1.3" fill="#54350b" />
      <circle cx="15.7" cy="10.5" r="1.3" fill="#54350b" />
      <path d="M8.8 17.2q3.2-2.8 6.4 0M6.5 7.6l2.4-1M17.5 7.6l-2.4-1" {...ink} />
      <path d="M7.8 13c2 2.3 1.8 4.6 0 4.6s-2-2.3 0-4.6z" fill="#4aa3e8" />
    </Face>
  ),
  '👀': (
    <>
      <ellipse cx="7" cy="12" rx="4.6" ry="6.5" fill="#fff" stroke="#7d858b" strokeWidth="1" />
      <ellipse cx="17" cy="12" rx="4.6" ry="6.5" fill="#fff" stroke="#7d858b" strokeWidth="1" />
      <ellipse cx="5.8" cy="13" rx="2.1" ry="2.9" fill="#2b3136" />
      <ellipse cx="15.8" cy="13" rx="2.1" ry="2.9" fill="#2b3136" />
    </>
  ),
  '✅': (
    <>
      <rect x="2.5" y="2.5" width="19" height="19" rx="5" fill="#2b9a63" />
      <path d="m7 12.4 3.4 3.4L17 8.7" {...ink} stroke="#fff" strokeWidth="2.4" />
    </>
  ),
}

const isDrawn = (emoji: string): emoji is Offered => emoji in pictures

/** A reaction as a picture. Those that the page offers are drawn here: they look alike on every machine, also where no font has them. */
export const Emoji = ({ emoji }: { readonly emoji: string }): ReactElement =>
  isDrawn(emoji) ? (
    <svg className="emoji" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {pictures[emoji]}
    </svg>
  ) : (
    <span className="emoji-text" aria-hidden="true">
      {emoji}
    </span>
  )
