import type { Archive } from '../archive/seam.js'
import type { Clock } from '../core/seams.js'
import { type Archivist, createArchivist } from './archivist.js'
import type { Link } from './link.js'
import { createRecall, type Recall, withoutArchive } from './recall.js'
import { createTasks } from './tasks.js'

export interface HistoryOptions {
  readonly link: Pick<Link, 'call' | 'command'>
  readonly archive: Archive | undefined
  readonly clock: Pick<Clock, 'after'>
  readonly node: string
  readonly prefix: string
  readonly keep: number
  readonly forgetMs: number
  readonly idleMs: number
  readonly now: (() => number) | undefined
  readonly failed: (cause: Error) => void
}

/** The past of rooms beyond what Redis keeps. */
export interface History extends Omit<Archivist, 'lookThrough'> {
  /** Redis was out of reach, and may be another one than it was. */
  reconnected(): void
  /** Without an archive it is what Redis has. */
  readonly recall: Recall
  readonly isArchived: boolean
}

/** Opens it. Rejects when other nodes have an archive and this one has none: it would tell people that their past is gone. */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const { link, archive, node, prefix, idleMs } = options
  const tasks = createTasks({ link, prefix, node, idleMs })
  if (!archive) {
    if (await tasks.exist())
      throw new Error(
        `This Redis has an archive (its key ${prefix}:archive says so). Start this server with the same --archive as the others.`,
      )
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
