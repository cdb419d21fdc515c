import type { CDPSession, Page } from 'playwright'

/** Chromium's developer tools on a page: for what no person can do to it. */
export const devtoolsOf = (page: Page): Promise<CDPSession> => page.context().newCDPSession(page)

/** The tab's process ends as if the system had killed it: no event, no last write. */
export async function crash(page: Page): Promise<void> {
  const gone = new Promise((resolve) => page.once('crash', resolve))
  const devtools = await devtoolsOf(page)
  // It cannot answer any more.
  devtools.send('Page.crash').catch(() => undefined)
  await gone
}
