import { ofBrowser } from './kept.js'

/** What somebody says about themselves, beyond being there. */
export interface OwnStatus {
  readonly status: 'online' | 'busy' | 'offline'
  readonly custom: string
}

export const statuses = [
  { status: 'online', words: 'Online', more: 'Away by itself when you are not here' },
  { status: 'busy', words: 'Busy', more: 'Others see that you read later' },
  { status: 'offline', words: 'Look offline', more: 'You see everything, nobody sees you' },
] as const satisfies readonly { status: OwnStatus['status']; words: string; more: string }[]

export const CUSTOM_LENGTH = 60

const nothing: OwnStatus = { status: 'online', custom: '' }

/** What was said last in this browser: the client forgets it with the page. */
export const readStatus = (user: string): OwnStatus => {
  try {
    const kept: unknown = JSON.parse(ofBrowser.read(`status:${user}`) ?? '{}')
    if (typeof kept !== 'object' || kept === null) return nothing
    const known = statuses.find(({ status }) => 'status' in kept && status === kept.status)
    const custom = 'custom' in kept && typeof kept.custom === 'string' ? kept.custom : ''
    return { status: known?.status ?? 'online', custom: custom.slice(0, CUSTOM_LENGTH) }
  } catch {
    return nothing
  }
}

export const keepStatus = (user: string, { status, custom }: OwnStatus): void =>
  ofBrowser.write(
    `status:${user}`,
    status === 'online' && custom === '' ? null : JSON.stringify({ status, custom }),
  )
