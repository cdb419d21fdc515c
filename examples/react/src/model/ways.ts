import type { Message } from 'tidings'

/** What a person may do with a message. */
export interface Ways {
  readonly react: boolean
  readonly reply: boolean
  readonly copy: boolean
  /** Others must be able to find it by its name. */
  readonly pin: boolean
  readonly edit: boolean
  readonly remove: boolean
  /** Takes back what was not sent yet. */
  readonly discard: boolean
}

/** A message that was refused or may not have arrived waits for a decision about itself first. */
const isTroubled = ({ status }: Message) => status === 'failed' || status === 'unknown'

export const waysOf = (message: Message, user: string): Ways => {
  const own = message.from === user
  const sound = !message.deleted && !isTroubled(message)
  return {
    react: sound,
    reply: sound,
    copy: !message.deleted,
    pin: sound && message.status === 'confirmed',
    edit: own && sound,
    remove: own && sound,
    discard: own && message.status === 'delayed',
  }
}

export const isAny = (ways: Ways): boolean => Object.values(ways).includes(true)
