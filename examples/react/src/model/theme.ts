import { type Cell, createCell } from './cell.js'
import { ofBrowser } from './kept.js'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const isTheme = (text: string | null): text is Theme => themes.some((each) => each === text)

const kept = ofBrowser.read('theme')

/** Which colours the page wears; `system` follows the device. Kept in this browser. */
export const theme: Cell<Theme> = createCell<Theme>(isTheme(kept) ? kept : 'system')

/** Puts the colours on, now and after each change. */
export const wearTheme = (): void => {
  const wear = () => {
    document.documentElement.dataset['theme'] = theme.get()
    ofBrowser.write('theme', theme.get() === 'system' ? null : theme.get())
  }
  wear()
  theme.subscribe(wear)
}
