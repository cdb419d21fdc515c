import { importsOf, resolveImport, type Source } from './sources.js'

/** A layer: the files below `at`, and the only places and packages that they may import. */
type Layer = { at: string; may: string[] }

// Below every module of core: the words of the public surface, and what is needed everywhere.
const foundation = [
  'src/core/storage/',
  'src/core/api.ts',
  'src/core/message.ts',
  'src/core/conflicts.ts',
  'src/core/schema.ts',
  'src/core/thenable.ts',
  'src/core/errors.ts',
  'src/core/emitter.ts',
  'src/core/view.ts',
  'src/core/per-tick.ts',
  'src/core/limits.ts',
  'src/core/last-of.ts',
  'src/core/seams/',
  'src/protocol/',
]

// The first layer whose `at` begins a path owns it. A name that ends in "/" stands for all below it.
const layers: Layer[] = [
  { at: 'src/protocol/', may: ['src/protocol/'] },
  { at: 'src/core/seams/', may: [] },
  { at: 'src/core/connection/', may: [...foundation, 'src/core/connection/'] },
  { at: 'src/core/messages/', may: [...foundation, 'src/core/connection/', 'src/core/messages/'] },
  {
    at: 'src/core/people/',
    may: [
      ...foundation,
      'src/core/backstage.ts',
      'src/core/names.ts',
      'src/core/connection/',
      'src/core/messages/',
      'src/core/people/',
    ],
  },
  {
    at: 'src/core/records/',
    may: [...foundation, 'src/core/backstage.ts', 'src/core/messages/', 'src/core/records/'],
  },
  ...foundation
    .filter((at) => at.startsWith('src/core/') && at !== 'src/core/seams/')
    .map((at) => ({ at, may: [...foundation, 'mitt'] })),
  { at: 'src/core/', may: ['src/core/', 'src/protocol/', 'mitt'] },
  { at: 'src/adapters/', may: ['src/adapters/', 'src/core/', 'src/protocol/', 'idb', 'nanoid'] },
  // Rows are looked at in a browser: the one adapter that a hook cannot be given.
  { at: 'src/react/', may: ['src/react/', 'src/core/', 'src/adapters/auto-read.ts', 'react'] },
  { at: 'src/testing/', may: ['src/testing/', 'src/core/', 'src/protocol/'] },
  { at: 'src/', may: ['src/create-', 'src/core/', 'src/adapters/', 'src/protocol/'] },
  { at: 'server/src/core/', may: ['server/src/core/', 'tidings/protocol'] },
  {
    at: 'server/src/',
    may: [
      'server/src/',
      'tidings/protocol',
      'node:',
      'ws',
      'jose',
      'nanoid',
      'libsql',
      '@redis/client',
      'postgres',
      'prom-client',
      'rate-limiter-flexible',
    ],
  },
  {
    at: 'examples/react/src/',
    may: ['examples/react/src/', 'tidings', 'tidings/react', 'react', 'react-dom', 'react/', 'react-dom/'],
  },
]

const allows = (allowed: string, target: string) =>
  /[/:-]$/.test(allowed) ? target.startsWith(allowed) : target === allowed

/** Imports that run against the arrows, as sentences. */
export const wrongImports = (sources: Source[]): string[] =>
  sources.flatMap((source) => {
    const layer = layers.find(({ at }) => source.path.startsWith(at))
    if (layer === undefined) return []
    return importsOf(source)
      .map((name) => resolveImport(source, name))
      .filter((target) => !layer.may.some((allowed) => allows(allowed, target)))
      .map((target) => `${source.path} must not import ${target}`)
  })

/** The first cycle found from each file, as "a → b → a"; types count as well as values. */
export const importCycles = (sources: Source[]): string[] => {
  const targets = new Map(
    sources.map((source) => [source.path, importsOf(source).map((name) => resolveImport(source, name))]),
  )
  const finished = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: string[]) => {
    const seenAt = trail.indexOf(path)
    if (seenAt >= 0) cycles.push([...trail.slice(seenAt), path].join(' → '))
    if (seenAt >= 0 || finished.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    finished.add(path)
  }
  for (const path of targets.keys()) visit(path, [])
  return cycles
}
