/** Who types, in words: names while they are few. */
export const typistsInWords = (users: readonly string[]): string => {
  const [first, second, ...others] = users
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing`
  if (others.length === 0) return `${first} and ${second} are typing`
  return 'Several people are typing'
}
