/** Whether two types are the same one. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** `expectType<Equal<A, B>>(true)` compiles if they are. */
export const expectType = <T extends boolean>(_equal: T): void => undefined
