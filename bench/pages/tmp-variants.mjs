import { createClient } from 'tidings'

const bodyOf = (i) => ({ text: `message ${i} ${'lorem ipsum dolor sit amet '.repeat(4)}`, lang: 'en' })
const open = (n) =>
  new Promise((ok, no) => {
    const r = indexedDB.open(n, 1)
    r.onupgradeneeded = () => r.result.createObjectStore('q', { keyPath: 'k' })
    r.onsuccess = () => ok(r.result)
    r.onerror = () => no(r.error)
  })
const val = (i) => ({
  id: crypto.randomUUID(),
  room: 'general',
  kind: 'create',
  stamp: `${Date.now()}-${i}-node`,
  createdAt: Date.now(),
  state: 'queued',
  bytes: 128,
  body: bodyOf(i),
})
let n = 0
const variants = (db) => ({
  raw: (i) =>
    new Promise((ok) => {
      const t = db.transaction('q', 'readwrite', { durability: 'strict' })
      t.oncomplete = ok
      t.objectStore('q').put({ k: 'a' + n++, v: val(i) })
      t.commit()
    }),
  raw2: (i) =>
    new Promise((ok) => {
      const t = db.transaction('q', 'readwrite', { durability: 'strict' })
      t.oncomplete = ok
      const s = t.objectStore('q')
      s.put({ k: 'm', v: { next: i, stamp: 'x' } })
      s.put({ k: 'a' + n++, v: val(i) })
      t.commit()
    }),
  getput: (i) =>
    new Promise((ok) => {
      const t = db.transaction('q', 'readwrite', { durability: 'strict' })
      t.oncomplete = ok
      const s = t.objectStore('q')
      s.get('m').onsuccess = () => {
        s.put({ k: 'a' + n++, v: val(i) })
        t.commit()
      }
    }),
  get2put: (i) =>
    new Promise((ok) => {
      const t = db.transaction('q', 'readwrite', { durability: 'strict' })
      t.oncomplete = ok
      const s = t.objectStore('q')
      s.get('m').onsuccess = () => {
        s.put({ k: 'm', v: { next: i, stamp: 'x' } })
        s.put({ k: 'a' + n++, v: val(i) })
        t.commit()
      }
    }),
  bc: (i) =>
    new Promise((ok) => {
      const t = db.transaction('q', 'readwrite', { durability: 'strict' })
      t.oncomplete = ok
      t.objectStore('q').put({ k: 'a' + n++, v: val(i) })
      t.commit()
    }).then(() => ch.postMessage(['a', 'b'])),
})
const ch = new BroadcastChannel('x')
window.bench = {
  async go(count) {
    const db = await open('v' + Math.random())
    const v = variants(db)
    const client = createClient({
      url: 'wss://x.invalid/' + Math.random(),
      user: 'b',
      token: () => 't',
      connect: (_u, e) => ({
        kind: 's',
        bufferedAmount: 0,
        send() {},
        close: () => queueMicrotask(() => e.onClose({ code: 1000, reason: '' })),
      }),
    })
    client.connect()
    const room = client.room('g')
    await room.send(bodyOf(0)).queued()
    v.ours = (i) => room.send(bodyOf(i)).queued()
    v.oursSync = async (i) => {
      const t0 = performance.now()
      const p = room.send(bodyOf(i))
      sync.push(performance.now() - t0)
      await p.queued()
    }
    const marks = []
    let cur
    const P = IDBDatabase.prototype.transaction
    IDBDatabase.prototype.transaction = function (...a) {
      const t = P.apply(this, a)
      if (cur) {
        const c = cur
        c.created = performance.now()
        c.count = (c.count ?? 0) + 1
        t.addEventListener('complete', () => {
          c.complete = performance.now()
        })
      }
      return t
    }
    const C = IDBTransaction.prototype.commit
    IDBTransaction.prototype.commit = function () {
      if (cur) cur.commit = performance.now()
      return C.call(this)
    }
    v.marked = async (i) => {
      const c = (cur = { t0: performance.now() })
      await room.send(bodyOf(i)).queued()
      c.end = performance.now()
      cur = undefined
      marks.push(c)
    }
    v.marked2 = async (i) => {
      const c = (cur = { t0: performance.now() })
      await v.get2put(i)
      c.end = performance.now()
      cur = undefined
      marks2.push(c)
    }
    const marks2 = []
    const sync = []
    const out = Object.fromEntries(Object.keys(v).map((k) => [k, []]))
    for (let i = 0; i < count; i++)
      for (const k in v) {
        const t0 = performance.now()
        await v[k](i)
        out[k].push(performance.now() - t0)
      }
    out.sync = sync
    for (const [nm, mm] of [
      ['m', marks],
      ['r', marks2],
    ])
      for (const [a, b] of [
        ['t0', 'created'],
        ['created', 'commit'],
        ['commit', 'complete'],
        ['complete', 'end'],
      ])
        out[nm + a + b] = mm.map((m) => m[b] - m[a])
    out.count = marks.map((m) => m.count)
    return Object.fromEntries(
      Object.entries(out).map(([k, a]) => [k, a.sort((x, y) => x - y)[a.length >> 1]]),
    )
  },
}
