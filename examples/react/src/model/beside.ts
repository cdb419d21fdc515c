import type { Anchor } from './desk.js'

interface Size {
  readonly width: number
  readonly height: number
}

const SPACE_PX = 6
const EDGE_PX = 8

const between = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most))

/** Where something of a size stands beside an anchor: below it, or above where there is no space, and never off the screen. */
export const placeBeside = (
  at: Anchor,
  size: Size,
  screen: Size,
): { readonly left: number; readonly top: number } => {
  const below = at.bottom + SPACE_PX
  const above = at.top - SPACE_PX - size.height
  const fits = below + size.height <= screen.height - EDGE_PX
  const inRightHalf = (at.left + at.right) / 2 > screen.width / 2
  return {
    left: between(
      inRightHalf ? at.right - size.width : at.left,
      EDGE_PX,
      screen.width - size.width - EDGE_PX,
    ),
    top: between(fits ? below : above, EDGE_PX, screen.height - size.height - EDGE_PX),
  }
}
