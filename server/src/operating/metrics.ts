import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Tell } from './events.js'

/** Numbers about a server, in the text format of Prometheus. */
export interface Metrics {
  readonly tell: Tell
  readonly contentType: string
  text(): Promise<string>
}

/** What opens the numbers is guessed as seldom as a password. */
export const METRICS_TOKEN_CHARS = 16

/** Seconds: from a commit in memory to one that somebody notices. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
/** Paths that have numbers of their own; whatever else somebody asks for has one together. */
const PATHS = new Set([
  ...['/health', '/ready', '/metrics', '/webhook', '/dev/token'],
  ...['/v1/sync', '/v1/stream', '/v1/frames', '/v1/events', '/v1/ticket'],
])

/** What is measured: names and labels are part of the contract, see docs/operating.md. */
export function createMetrics(connections: () => number): Metrics {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `tidings_${name}_total`, help, labelNames: [...labelNames], registers })
  const seconds = (name: string, help: string) =>
    new Histogram({ name: `tidings_${name}_seconds`, help, buckets: BUCKETS, registers })

  new Gauge({
    name: 'tidings_connections',
    help: 'Connections that are open.',
    registers,
    collect() {
      this.set(connections())
    },
  })
  const opened = counter('connections_opened', 'Connections that were opened.')
  const closed = counter(
    'connections_closed',
    'Connections that ended, by the close code; client: it went.',
    ['code'],
  )
  const received = counter('received_bytes', 'Bytes of texts from clients.')
  const receivedTexts = counter('received_texts', 'Texts from clients.')
  const sent = counter('sent_bytes', 'Bytes of texts to clients.')
  const sentTexts = counter('sent_texts', 'Texts to clients.')
  const operations = counter('operations', 'Operations by what became of them.', ['outcome'])
  const append = seconds('append', 'How long appends to the log take.')
  const pages = counter('pages', 'Pages of history by the answer: page, or why the place is lost.', [
    'answer',
  ])
  const page = seconds('page', 'How long pages of history take.')
  const lost = counter(
    'lost_places',
    'Readers whose place was lost, by why; fork: the log has less than it had.',
    ['reason'],
  )
  const unarchived = counter('archive_failures', 'Attempts to move history into the archive that failed.')
  const consumed = counter('consumed_entries', 'Entries that workers were handed and took over.', ['group'])
  const unconsumed = counter('consumer_failures', 'Attempts to hand entries to workers that failed.', [
    'group',
  ])
  const requests = counter('http_requests', 'HTTP requests.', ['path', 'status'])

  const tell: Tell = (event) => {
    switch (event.is) {
      case 'opened':
        return opened.inc()
      case 'closed':
        return closed.inc({ code: event.code ?? 'client' })
      case 'received':
        receivedTexts.inc()
        return received.inc(event.bytes)
      case 'sent':
        sentTexts.inc()
        return sent.inc(event.bytes)
      case 'appended':
        for (const outcome of event.outcomes) operations.inc({ outcome })
        return append.observe(event.ms / 1000)
      case 'read':
        pages.inc({ answer: event.answer })
        return page.observe(event.ms / 1000)
      case 'lost':
        return lost.inc({ reason: event.reason })
      case 'answered':
        return requests.inc({ path: PATHS.has(event.path) ? event.path : 'other', status: event.status })
      case 'unarchived':
        return unarchived.inc()
      case 'consumed':
        return consumed.inc({ group: event.group }, event.entries)
      case 'unconsumed':
        return unconsumed.inc({ group: event.group })
      case 'draining':
      case 'failed':
        return undefined
    }
  }
  return { tell, contentType: register.contentType, text: () => register.metrics() }
}
