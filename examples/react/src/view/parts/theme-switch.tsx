import { type ReactElement, useId } from 'react'
import { useReadable } from 'tidings/react'
import { type Theme, theme, themes } from '../../model/theme.js'
import { Icon } from './icons.js'

const looks = {
  system: { icon: 'screen', words: 'Like the device' },
  light: { icon: 'sun', words: 'Light' },
  dark: { icon: 'moon', words: 'Dark' },
} as const satisfies Record<Theme, { icon: string; words: string }>

export const ThemeSwitch = (): ReactElement => {
  const group = useId()
  const current = useReadable(theme)
  return (
    <fieldset className="themes">
      <legend className="spoken">Colours</legend>
      {themes.map((each) => (
        <label key={each} className="theme" title={looks[each].words}>
          <input
            type="radio"
            className="spoken"
            name={group}
            checked={each === current}
            onChange={() => theme.set(each)}
          />
          <Icon name={looks[each].icon} />
          <span className="spoken">{looks[each].words}</span>
        </label>
      ))}
    </fieldset>
  )
}
