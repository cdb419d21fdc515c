/** A promise that was broken, with what shows it. */
export class Broken extends Error {
  override readonly name = 'Broken'
}
