import { TidingsError } from '../errors.js'
import type { UrlSource } from './contract.js'

/** Where an attempt goes, or why nobody can say. */
export function addressOf(url: UrlSource): string | TidingsError {
  if (typeof url === 'string') return url
  try {
    return url()
  } catch (cause) {
    const message = 'The function that names the server threw. Nothing is lost; it is asked again.'
    return new TidingsError('server', message, { cause })
  }
}
