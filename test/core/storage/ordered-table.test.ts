import { describe, expect, it } from 'vitest'
import { createOrderedTable } from '../../../src/core/storage/ordered-table.js'

describe('the ordered table', () => {
  it('brings entries that come in any order into code-unit order', () => {
    const table = createOrderedTable(
      ['b', '\ue000', 'B', '\ud83d\ude00', 'a'].map((key) => [key, key] as const),
    )
    table.apply([{ put: 'C', value: 'C' }])
    const keys = table.scan({ gte: '', lt: '\uffff' }).map(([key]) => key)
    expect(keys).toEqual(['B', 'C', 'a', 'b', '\ud83d\ude00', '\ue000'])
  })
})
