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

/** Goes back as the button does. Playwright's own way waits for a page to load, and one that the browser had kept does not. */
export async function goBack(page: Page): Promise<void> {
  const devtools = await devtoolsOf(page)
  const { currentIndex, entries } = await devtools.send('Page.getNavigationHistory')
  const before = entries[currentIndex - 1]
  if (before === undefined) throw new Error('There is nothing to go back to.')
  await devtools.send('Page.navigateToHistoryEntry', { entryId: before.id })
}
