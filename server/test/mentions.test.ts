import { expect, it } from 'vitest'
import type { Operation } from '../src/core/seams.js'
import { createMentions, namesIn } from '../src/mentions.js'

const operation = (body: unknown, more: Partial<Operation> = {}): Operation => ({
  ...{ room: 'general', author: 'alice', id: 'm1', kind: 'create', stamp: '', body: JSON.stringify(body) },
  ...more,
})

const tellBy = () => {
  const told: string[] = []
  const mentions = createMentions(
    async (user, kind, body, options) => {
      told.push(`${user} ${kind} ${JSON.stringify(body)} ${options?.id}`)
      return { room: `@${user}`, messageId: 'n1', seq: 1, ts: 0, dup: false }
    },
    () => undefined,
  )
  return { told, mentions }
}

it('finds who is named in a text, each once, and no addresses', () => {
  expect(namesIn('@bob, ask @mary-jane. @bob!')).toEqual(['bob', 'mary-jane'])
  expect(namesIn('bob@example.org @ @@x @Zoë')).toEqual(['Zoë'])
})

it('tells who is named, and never refuses', () => {
  const { told, mentions } = tellBy()
  expect(mentions(operation({ text: 'hello @bob and @alice' }))).toBeUndefined()
  expect(told).toEqual([
    'bob mention {"from":"alice","room":"general","text":"hello @bob and @alice"} m1 bob',
  ])
})

it('tells nobody of edits, of bodies of another shape or of nothing', () => {
  const { told, mentions } = tellBy()
  mentions(operation({ text: '@bob' }, { kind: 'edit' }))
  for (const body of [null, '@bob', { text: 7 }, ['@bob']]) mentions(operation(body))
  expect(told).toEqual([])
})
