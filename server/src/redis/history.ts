import type { Archive } from '../archive/seam.js'
import type { Clock } from '../core/seams.js'
import { type Archivist, createArchivist } from './archivist.js'
import type { Link } from './link.js'
import { createRecall, type Recall, withoutArchive } from './recall.js'
import { createTasks } from './tasks.js'

export interface ArchiveOptions {
  /**
   * Where rooms' history goes. Redis then lets go of nothing that is not there, and what it does not keep is read from there; `trimmed` gets
   * only who comes from before both. Every server on this Redis needs the same one. Closed with the log.
   */
  readonly archive?: Archive
  /** Told why something could not be archived now. It is tried again, and Redis keeps it meanwhile. */
  readonly archiveFailed?: (cause: Error) => void
  /** How long a server may take over a room that it moves, ms, until another does. Default 30 s. */
  readonly archiveIdleMs?: number
}

export interface HistoryOptions extends ArchiveOptions {
  /** Closed when the history cannot be opened. */
  readonly link: Pick<Link, 'call' | 'command' | 'close'>
  readonly clock: Pick<Clock, 'after'>
  readonly node: string
  readonly prefix: string
  readonly keep: (room: string) => number
  readonly forgetMs: number
  /** Server time; Redis's own without it. */
  readonly now: (() => number) | undefined
}

/** The past of rooms beyond what Redis keeps. */
export interface History extends Omit<Archivist, 'lookThrough'> {
  /** Redis was out of reach, and may be another one than it was. */
  reconnected(): void
  /** Without an archive it is what Redis has. */
  readonly recall: Recall
  readonly isArchived: boolean
}

const IDLE_MS = 30_000

function withoutHistory(link: Pick<Link, 'call'>): History {
  const nothing = async () => {}
  return {
    recall: withoutArchive(link),
    isArchived: false,
    due: () => {},
    run: nothing,
    close: nothing,
    reconnected: () => {},
  }
}

async function open(options: HistoryOptions): Promise<History> {
  const { link, archive, node, prefix, archiveIdleMs: idleMs = IDLE_MS } = options
  const tasks = createTasks({ link, key: `${prefix}:archive`, group: 'archive', node, idleMs })
  if (!archive) {
    if (await tasks.exist())
      throw new Error(
        `This Redis has an archive (its key ${prefix}:archive says so). Start this server with the same --archive as the others.`,
      )
    return withoutHistory(link)
  }
  await tasks.prepare()
  const { due, run, ...archivist } = createArchivist({ ...options, archive, tasks })
  const recall = createRecall(link, archive)
  return {
    recall,
    isArchived: true,
    due,
    run,
    reconnected() {
      recall.forget()
      archivist.lookThrough()
    },
    async close() {
      await archivist.close()
      await archive.close()
    },
  }
}

/** Opens it. Rejects when other nodes have an archive and this one has none: it would tell people that their past is gone. */
export async function openHistory(options: HistoryOptions): Promise<History> {
  try {
    return await open(options)
  } catch (cause) {
    options.link.close()
    throw cause
  }
}
