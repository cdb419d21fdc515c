import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Permit } from './core/seams.js'

/** Names, as the wire has them. */
export const NAME = /^[^\p{Cc}\p{Cs}]{1,128}$/u

/** The status that says why a room cannot be had. */
export const PERMIT_STATUS: Readonly<Record<Exclude<Permit, 'allow'>, number>> = {
  forbidden: 403,
  not_member: 403,
  not_found: 404,
  room_gone: 410,
  unavailable: 503,
}

/** Answers with JSON that nobody keeps. */
export const json = (response: ServerResponse, status: number, text: string): void => {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(text)
}

/** What a refusal may say beside why. */
export interface FailOptions {
  /** The close code that it stands for, where it ends a connection. */
  readonly close?: number
  /** ms after which another request may succeed. */
  readonly retryAfter?: number
}

/** Refuses. */
export const fail = (
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  more: FailOptions = {},
): void => {
  if (more.retryAfter !== undefined) response.setHeader('retry-after', Math.ceil(more.retryAfter / 1000))
  json(response, status, JSON.stringify({ code, message, ...more }))
}

/** The token of a request, which never stands in the address. */
export const bearerOf = ({ headers: { authorization } }: IncomingMessage): string | undefined =>
  /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]

/** Answers `METHOD /path` where it is one of its own; false leaves the answer to others. */
export type Route = (
  route: string,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) => Promise<boolean>

/** Asks one after the other. */
export const firstOf =
  (...routes: readonly Route[]): Route =>
  async (...asked) => {
    for (const route of routes) if (await route(...asked)) return true
    return false
  }
