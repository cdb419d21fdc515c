import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react'
import type { AnyClient, Client, Room } from '../core/api.js'
import { TidingsError } from '../core/errors.js'

/** What a body is where nobody says more: any JSON. */
export type AnyBody = Parameters<Room['send']>[0]

const ClientContext = createContext<AnyClient | null>(null)

/** What a provider is given. */
export interface TidingsProviderProps {
  /** Made once, outside React: a component that is mounted twice must not connect twice. */
  readonly client: AnyClient
  readonly children?: ReactNode
}

/**
 * Lends a client to every hook below it. It neither connects nor destroys: whoever made the client calls `connect()` and `destroy()`,
 * so that StrictMode, suspended trees and server rendering never open a socket.
 */
export const TidingsProvider = ({ client, children }: TidingsProviderProps): ReactElement =>
  createElement(ClientContext.Provider, { value: client }, children)

/**
 * The client of the nearest TidingsProvider, or null outside of any. A context cannot carry type parameters, so `Body` and `Input` are
 * the caller's word here: this is the one place where it is taken.
 */
export const useClientIfAny = <Body = AnyBody, Input = Body>(): Client<Body, Input> | null =>
  useContext(ClientContext) as Client<Body, Input> | null

/** Says what to do when a hook finds no client. */
export const expectClient = <Body, Input>(client: Client<Body, Input> | null): Client<Body, Input> => {
  if (client !== null) return client
  throw new TidingsError(
    'invalid_argument',
    'This hook found no client. Put <TidingsProvider client={client}> around the component that calls it, ' +
      'or give it the room itself instead of its id.',
  )
}
