import type { ReactElement, ReactNode } from 'react'

/** Words that show while their parent, of the class `tipped`, is pointed at or has the focus. Its label says the same to a screen reader. */
export const Tip = ({ children }: { readonly children: ReactNode }): ReactElement => (
  <span className="tip" aria-hidden="true">
    {children}
  </span>
)
