import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { TidingsProvider } from 'tidings/react'
import { place } from './model/place.js'
import { createSession } from './model/session.js'
import { wearTheme } from './model/theme.js'
import './styles/tokens.css'
import './styles/controls.css'
import './styles/frame.css'
import './styles/sidebar.css'
import './styles/timeline.css'
import './styles/message.css'
import './styles/actions.css'
import './styles/overlays.css'
import './styles/people.css'
import './styles/composer.css'
import './styles/welcome.css'
import { Chat } from './view/chat.js'
import { Welcome } from './view/welcome.js'

wearTheme()

const { user } = place.get()
const session = user === null ? null : createSession(user)

const page =
  session === null ? (
    <Welcome />
  ) : (
    <TidingsProvider client={session.client}>
      <Chat session={session} />
    </TidingsProvider>
  )

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<StrictMode>{page}</StrictMode>)

// While developing, a kept page would hide what was just changed.
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  // Without it the chat works as before, only the page itself is not kept.
  navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).catch(() => {})
