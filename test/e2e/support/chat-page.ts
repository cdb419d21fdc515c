import type { Locator, Page } from 'playwright'
import { expect } from 'vitest'

/** What a row says about itself to whoever tests or reads it out. */
export interface Row {
  readonly key: string
  readonly id: string
  readonly status: string
  readonly text: string
}

/** One window of one person, used the way a person or a screen reader finds its parts: by role and name. */
export interface ChatPage {
  readonly page: Page
  /** Writes messages one after the other, by the button. */
  write(...texts: readonly string[]): Promise<void>
  /** The row that holds this text. */
  row(text: string): Locator
  /** All rows from top to bottom. */
  rows(): Promise<readonly Row[]>
  /** What is said, from top to bottom. */
  texts(): Promise<readonly string[]>
  /** Each row as `text: status`, from top to bottom. */
  statuses(): Promise<readonly string[]>
  /** What the connection does, in the words of the client. */
  state(): Promise<string | null>
  /** Whether the page says that something has still to be sent. */
  isWaiting(): Promise<boolean>
  readonly offlineSwitch: Locator
  setOffline(offline: boolean): Promise<void>
}

export function chatPage(page: Page): ChatPage {
  const rowLocator = page.getByRole('log').locator('[data-key]')
  const offlineSwitch = page.getByRole('switch', { name: 'Offline', exact: true })
  const rows = () =>
    rowLocator.evaluateAll((elements) =>
      elements.map((element) => ({
        key: element.getAttribute('data-key') ?? '',
        id: element.getAttribute('data-id') ?? '',
        status: element.getAttribute('data-status') ?? '',
        text: (element.querySelector('.words') ?? element).textContent,
      })),
    )
  return {
    page,
    async write(...texts) {
      // Nobody writes in a tab that lies behind another one; the browser hardly draws it.
      await page.bringToFront()
      for (const text of texts) {
        await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text)
        await page.getByRole('button', { name: 'Send', exact: true }).click()
      }
    },
    row: (text) => rowLocator.filter({ hasText: text }),
    rows,
    texts: async () => (await rows()).map(({ text }) => text),
    statuses: async () => (await rows()).map(({ text, status }) => `${text}: ${status}`),
    state: () => page.getByRole('status').getAttribute('data-state'),
    isWaiting: () => page.getByText(/\d messages? waiting to be sent/).isVisible(),
    offlineSwitch,
    async setOffline(offline) {
      await page.bringToFront()
      if ((await offlineSwitch.getAttribute('aria-checked')) !== String(offline)) await offlineSwitch.click()
    },
  }
}

/** Waits until something is so. Twenty seconds are for a slow machine, and for a client that waits before it tries again. */
export const soon = <T>(read: () => T | Promise<T>, timeout = 20_000) =>
  expect.poll(read, { timeout, interval: 40 })

export const confirmed = (...texts: readonly string[]): readonly string[] =>
  texts.map((text) => `${text}: confirmed`)
