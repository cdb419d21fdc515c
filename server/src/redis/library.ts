import { LUA_ARCHIVE } from './lua-archive.js'
import { LUA_COMMIT } from './lua-commit.js'
import { LUA_GROUPS } from './lua-groups.js'
import { LUA_MARKS, LUA_PAGES } from './lua-pages.js'
import { LUA_ROWS } from './lua-rows.js'

/** Raised with every change of the library: nodes of two versions share a Redis during an update, each with its own functions. */
const VERSION = 4

const WRITES_OF_LOG = ['append', 'raise', 'copy', 'confirm', 'seed'] as const
const WRITES_OF_GROUPS = ['lease', 'keep', 'release', 'enter', 'behind', 'forget'] as const
const READS = ['rows', 'page', 'since', 'around', 'standing', 'marks'] as const

export type FunctionName = (typeof WRITES_OF_LOG | typeof WRITES_OF_GROUPS | typeof READS)[number]

const registered = (name: FunctionName): string => {
  const flags = READS.some((read) => read === name) ? "{ 'no-writes' }" : '{}'
  return `redis.register_function{ function_name = '${functionName(name)}', callback = ${name}, flags = ${flags} }\n`
}

/** How a function is called in Redis. */
export const functionName = (name: FunctionName): string => `tidings_${VERSION}_${name}`

/** The whole of what Redis runs for tidings, as `FUNCTION LOAD` takes it. */
export const LIBRARY = `#!lua name=tidings_${VERSION}
${LUA_ROWS}${LUA_COMMIT}${LUA_PAGES}${LUA_MARKS}${LUA_ARCHIVE}${LUA_GROUPS}${[...WRITES_OF_LOG, ...WRITES_OF_GROUPS, ...READS].map(registered).join('')}`
