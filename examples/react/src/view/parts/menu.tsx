import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useRef } from 'react'

type Items = readonly HTMLElement[]

const groupOf = (item: HTMLElement) => item.closest('fieldset')
const isFirstOfGroup = (item: HTMLElement) => groupOf(item)?.querySelector('[role^="menuitem"]') === item

/** A group is a row of pictures: sideways leads along it, up and down past it. */
const lineOf = (items: Items, key: string, at: HTMLElement): Items => {
  const group = groupOf(at)
  if (key === 'ArrowLeft' || key === 'ArrowRight')
    return group === null ? [] : items.filter((item) => groupOf(item) === group)
  return items.filter(
    (item) =>
      item === at ||
      ((groupOf(item) === null || isFirstOfGroup(item)) && (group === null || groupOf(item) !== group)),
  )
}

const steps: Readonly<Record<string, (from: number, length: number) => number>> = {
  ArrowDown: (from, length) => (from + 1) % length,
  ArrowRight: (from, length) => (from + 1) % length,
  ArrowUp: (from, length) => (from - 1 + length) % length,
  ArrowLeft: (from, length) => (from - 1 + length) % length,
  Home: () => 0,
  End: (_from, length) => length - 1,
}

/** A menu for the arrow keys. Its items are buttons of the role `menuitem`, or one that begins so; a fieldset is a row of them. */
export const Menu = ({
  name,
  children,
}: {
  readonly name: string
  readonly children: ReactNode
}): ReactElement => {
  const menu = useRef<HTMLDivElement>(null)
  useEffect(() => menu.current?.querySelector<HTMLElement>('[role^="menuitem"]')?.focus(), [])
  const move = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])]
    const at = items.find((item) => item === document.activeElement)
    const step = steps[event.key]
    if (at === undefined || step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const line = lineOf(items, event.key, at)
    line[step(line.indexOf(at), line.length)]?.focus()
  }
  return (
    <div ref={menu} role="menu" className="menu-list" aria-label={name} tabIndex={-1} onKeyDown={move}>
      {children}
    </div>
  )
}
