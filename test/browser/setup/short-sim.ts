/** What is played in Node and in every browser: a few minutes of six clients. */
export const SHORT = { seed: 11, hours: 0.3, clients: 6, stretchMs: 3 * 60_000 } as const
