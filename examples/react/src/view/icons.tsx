import type { ReactElement } from 'react'

const paths = {
  menu: 'M3.5 6h13M3.5 10h13M3.5 14h13',
  close: 'M5 5l10 10M15 5L5 15',
  send: 'M10 16V4.5M5 9.5l5-5 5 5',
  reply: 'M8 5L3.5 9.5 8 14M4 9.5h6.5c3.5 0 6 2 6 5.5',
  retry: 'M15.5 6.5A6.3 6.3 0 1 0 16.3 10M16 3v4h-4',
  discard: 'M4 6h12M8 6V4.2h4V6M6 6l.7 10h6.6L14 6',
  clock: 'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 6.5V10l2.5 1.7',
  check: 'M4.5 10.5l3.7 3.7 7.3-8',
  question:
    'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M8.2 8.1a1.9 1.9 0 1 1 2.7 1.8c-.6.3-.9.7-.9 1.2M10 13.4v.1',
  warning: 'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 6.7v3.9M10 13.2v.1',
  late: 'M10 3.2a6.8 6.8 0 1 1-6.5 4.9M3.2 3.8v4.3h4.3M10 6.5V10l2.5 1.7',
  down: 'M10 4v11M5 10.5l5 5 5-5',
  lock: 'M6.5 9V6.8a3.5 3.5 0 0 1 7 0V9M5 9h10v7.5H5z',
  plus: 'M10 4v12M4 10h12',
  stored: 'M4 11v4.5h12V11M10 3.5v8M6.7 8.5l3.3 3.3 3.3-3.3',
  wave: 'M2.5 7c2.5-2.4 5-2.4 7.5 0s5 2.4 7.5 0M2.5 13c2.5-2.4 5-2.4 7.5 0s5 2.4 7.5 0',
} as const

/** A line drawing that repeats what stands beside it: screen readers pass over it. */
export const Icon = ({ name }: { readonly name: keyof typeof paths }): ReactElement => (
  <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)
