/** Time for a few round trips. */
export const A_WHILE_MS = 400
/** An acknowledgement is overdue after ten seconds. */
export const OVERDUE_MS = 12_000
/** Longer than the longest first wait of a client that lost its connection. */
export const RECONNECTED_MS = 2_000
