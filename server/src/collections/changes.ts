import { isJson, type Json, WIRE } from 'tidings/protocol'
import type { Authorize } from '../core/seams.js'

/** Something that happened to a record of another system, as its webhook tells it. */
export interface Change {
  /** 1 to 56 characters, no slash. */
  readonly database: string
  readonly collection: string
  /** Of the record. */
  readonly id: string
  readonly action: 'create' | 'update' | 'delete'
  /** When, as the other system writes it: ISO 8601. */
  readonly timestamp: string
  /** The record after it; of one that was deleted what the other system still says. */
  readonly record: Json
}

/** With what the names of such rooms begin. */
const COLLECTIONS = 'records/'
const ACTIONS = ['create', 'update', 'delete'] as const
/** A room name of three parts has to fit 128 characters. */
export const PART = /^[^\p{Cc}\p{Cs}/]{1,56}$/u
const ID = /^[^\p{Cc}\p{Cs}]{1,128}$/u
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}[\d.:,+\-Z ]{0,40}$/

const fieldOf = (value: object, name: string): unknown => Reflect.get(value, name)

function text(value: object, name: string, pattern: RegExp): string | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'string' && pattern.test(field) ? field : undefined
}

/** The change that a text tells of; undefined where it tells of none. Fields that nobody knows are left out. */
export function readChange(body: string): Change | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const action = ACTIONS.find((each) => each === fieldOf(value, 'action'))
  const [database, collection] = [text(value, 'database', PART), text(value, 'collection', PART)]
  const [id, timestamp] = [text(value, 'id', ID), text(value, 'timestamp', TIME)]
  const record = fieldOf(value, 'record')
  if (!database || !collection || !id || !action || !timestamp || !isJson(record, WIRE.bodyDepth - 1))
    return undefined
  return { database, collection, id, action, timestamp, record }
}

/** The room in which the changes of a collection stand. */
export const roomOfCollection = (database: string, collection: string): string =>
  `${COLLECTIONS}${database}/${collection}`

/** Those rooms are for everybody to read who may, and for the server to write: what stands there happened elsewhere. */
export const withCollections =
  (authorize: Authorize): Authorize =>
  (ask) =>
    ask.verb !== 'read' && ask.room.startsWith(COLLECTIONS) ? 'forbidden' : authorize(ask)
