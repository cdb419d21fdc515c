// Runs in the page: a list that React shows, its rows from the hooks or from a plain state. Times in ms.
import { createElement as h, memo, useLayoutEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { createClient } from 'tidings'
import { TidingsProvider, useTimeline } from 'tidings/react'
import { follow, room, silent, timed, until } from './following.mjs'

const inserts = 20
const nothing = () => undefined
/** Told of every commit, with the rows that it shows. */
let onCommit = nothing

const Row = memo(({ message }) => h('li', null, h('b', null, message.from), ' ', message.body.text))
const List = ({ items }) => {
  useLayoutEffect(() => onCommit(items))
  return h(
    'ul',
    null,
    items.map((message) => h(Row, { key: message.key, message })),
  )
}

const FromHooks = () => h(List, { items: useTimeline(room).items })

let setPlain
const Plain = ({ first }) => {
  const [items, setItems] = useState(first)
  setPlain = setItems
  return h(List, { items })
}

const afterPaint = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = resolve
    requestAnimationFrame(() => port2.postMessage(null))
  })

/** From the change to the commit that shows it, and to what comes after the frame that paints it. */
const shown = async (change, isShown) => {
  await afterPaint()
  let committed
  const painted = await timed(async () => {
    const began = performance.now()
    const commit = new Promise((resolve) => {
      onCommit = (items) => {
        if (!isShown(items)) return
        onCommit = nothing
        committed = performance.now() - began
        resolve()
      }
    })
    change()
    await commit
    await afterPaint()
  })
  return { committed, painted }
}

/** A list, shown until `use` is through with it. */
const mounted = async (element, use) => {
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  await shown(
    () => root.render(element),
    (items) => items.length >= 100,
  )
  const result = await use(place)
  root.unmount()
  place.remove()
  return result
}

const checkRows = (place, count) => {
  const there = place.querySelectorAll('li').length
  if (there !== count) throw new Error(`${there} rows are there instead of ${count}`)
}

/** `insert(text)` and `older(count)` change the list. */
const walk = async (place, insert, older) => {
  const first = place.querySelectorAll('li').length + inserts
  const taken = []
  for (let i = 0; i < inserts; i++) {
    const text = `written just now: ${i}`
    const isShown = (items) => items.at(-1).body.text === text
    taken.push(await shown(() => insert(text), isShown))
  }
  checkRows(place, first)
  const step = await shown(
    () => older(100),
    (items) => items.length === first + 100,
  )
  const page = await shown(
    () => older(500),
    (items) => items.length === first + 600,
  )
  checkRows(place, first + 600)
  const older600 = [...place.querySelectorAll('li')].slice(0, 600).map(({ textContent }) => textContent)
  return { insert: taken.slice(1), step: [step], page: [page], shown: older600.join('\n') }
}

const walkOurs = async (given) => {
  const client = createClient({ ...given, user: 'reader', token: () => given.token, connect: silent })
  client.connect()
  const { timeline, send, loadOlder } = client.room(room)
  const stop = timeline.subscribe(nothing)
  await until(timeline, ({ items }) => items.length >= 100)
  const first = timeline.get().items
  const insert = (text) => send({ text })
  const older = async (count) => {
    for (let loaded = 0; loaded < count; loaded += 100) await loadOlder()
  }
  const element = h(TidingsProvider, { client }, h(FromHooks))
  const taken = await mounted(element, (place) => walk(place, insert, older))
  const all = timeline.get().items
  stop()
  await client.logout({ force: true })
  return { taken, first, all }
}

const walkPlain = ({ first, all }) => {
  let from = all.indexOf(all.find(({ key }) => key === first[0].key))
  let written = 0
  const insert = (text) =>
    setPlain((items) => [...items, { ...first[0], key: `written-${written++}`, body: { text } }])
  const older = (count) => {
    const some = all.slice(from - count, from)
    from -= count
    setPlain((items) => [...some, ...items])
  }
  return mounted(h(Plain, { first }), (place) => walk(place, insert, older))
}

window.bench = {
  /** Both, one after the other: {ours, plain}, each with insert, step and page: [{committed, painted}]. */
  async round(given, count) {
    const client = await follow({ ...given, count })
    await client.destroy()
    const { taken: ours, first, all } = await walkOurs(given)
    const plain = await walkPlain({ first, all })
    if (plain.shown !== ours.shown) throw new Error('the lists show different messages')
    return { ours, plain }
  },
}
