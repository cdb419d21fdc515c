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
  smile:
    'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M7.4 11.8c1.4 1.9 3.8 1.9 5.2 0M7.7 8.2v.1M12.3 8.2v.1',
  more: 'M4.3 9.7v.6h.6v-.6zM9.700 9.7v.6h.6v-.6zM15.1 9.7v.6h.6v-.6z',
  edit: 'M4 16l.7-3.3 8.3-8.3a1.6 1.6 0 0 1 2.3 0l.3.3a1.6 1.6 0 0 1 0 2.3l-8.3 8.3L4 16M11.7 5.7l2.6 2.6',
  copy: 'M7.5 7.5V5a1.5 1.5 0 0 1 1.5-1.5h6A1.5 1.5 0 0 1 16.5 5v6a1.5 1.5 0 0 1-1.5 1.5h-2.5M5 7.5h6A1.5 1.5 0 0 1 12.5 9v6a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 15V9A1.5 1.5 0 0 1 5 7.5z',
  sun: 'M10 6.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4M10 2.5v1.3M10 16.2v1.3M2.5 10h1.3M16.2 10h1.3M4.7 4.7l.9.9M14.4 14.4l.9.9M15.3 4.7l-.9.9M5.6 14.4l-.9.9',
  moon: 'M16 11.8A6.6 6.6 0 0 1 8.2 4a6.6 6.6 0 1 0 7.8 7.8z',
  screen: 'M3.5 4.5h13v8.5h-13zM7.5 16h5M10 13v3',
  wave: 'M2.5 7c2.5-2.4 5-2.4 7.5 0s5 2.4 7.5 0M2.5 13c2.5-2.4 5-2.4 7.5 0s5 2.4 7.5 0',
} as const

/** A line drawing that repeats what stands beside it: screen readers pass over it. */
export const Icon = ({ name }: { readonly name: keyof typeof paths }): ReactElement => (
  <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)
