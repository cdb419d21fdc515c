import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { SECRET_CHARS } from './tokens.js'

const codeOf = (cause: unknown): unknown =>
  typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined

/** The secret in a file. Rejects with a sentence for whoever started the server. */
export async function readSecret(file: string): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch {
    throw new Error(`The secret file ${file} cannot be read.`)
  }
  const secret = text.trim()
  if (secret.length < SECRET_CHARS)
    throw new Error(`The secret in ${file} is too short: at least ${SECRET_CHARS} characters.`)
  return secret
}

/** The secret in a file, made on first use and readable by its owner only. */
export async function keepSecret(file: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  try {
    // Fails when the file is there: of two servers that start at once, one makes it and both read it.
    await writeFile(file, `${secret}\n`, { mode: 0o600, flag: 'wx' })
    return secret
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return readSecret(file)
    throw new Error(`The secret file ${file} cannot be written.`)
  }
}
