/** Questions about rooms that are not answered yet: a room that is taken away meanwhile is answered about no more. */
export interface Asking {
  /** A question about a room. What it gives tells, once, whether that may still be answered. */
  ask(room: string): () => boolean
  /** The room is taken away. */
  expel(room: string): void
}

export function createAsking(): Asking {
  const open = new Set<{ readonly room: string }>()
  return {
    ask(room) {
      const question = { room }
      open.add(question)
      return () => open.delete(question)
    },
    expel(room) {
      for (const question of open) if (question.room === room) open.delete(question)
    },
  }
}
