import ts from 'typescript'
import { placeOf, type Source, walk } from './sources.js'

const longestFile = 300
const longestFunction = 60
const emptyWords = new Set([
  'Manager',
  'Handler',
  'Helper',
  'Helpers',
  'Util',
  'Utils',
  'Service',
  'Impl',
  'Base',
  'Data',
  'Info',
])

const linesOf = (source: Source, node: ts.Node) =>
  source.tree.getLineAndCharacterOfPosition(node.getEnd()).line -
  source.tree.getLineAndCharacterOfPosition(node.getStart()).line +
  1

/** The lines of a function itself: a factory is not charged for the functions that it makes. */
const ownLines = (source: Source, node: ts.Node): number => {
  let inner = 0
  const subtract = (child: ts.Node) => {
    if (ts.isFunctionLike(child)) inner += linesOf(source, child) - 1
    else ts.forEachChild(child, subtract)
  }
  ts.forEachChild(node, subtract)
  return linesOf(source, node) - inner
}

/** Files and functions that have outgrown their budget. */
export const tooLong = (source: Source): string[] => {
  const found: string[] = []
  const fileLines = source.text.trimEnd().split('\n').length
  if (fileLines > longestFile) found.push(`${source.path} has ${fileLines} lines`)
  walk(source.tree, (node) => {
    if (!ts.isFunctionLike(node)) return
    const lines = ownLines(source, node)
    if (lines > longestFunction) found.push(`${placeOf(source, node)} is a function of ${lines} lines`)
  })
  return found
}

/** Ways around the compiler: any, casts through unknown or never, and comments that switch it off. */
export const silencedChecks = (source: Source): string[] => {
  const found: string[] = []
  walk(source.tree, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${placeOf(source, node)} says any`)
    if (!ts.isAsExpression(node)) return
    const throughUnknown =
      ts.isAsExpression(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword
    if (throughUnknown || node.type.kind === ts.SyntaxKind.NeverKeyword)
      found.push(`${placeOf(source, node)} casts to silence the compiler`)
  })
  for (const comment of commentsOf(source))
    if (/@ts-(ignore|expect-error|nocheck)|biome-ignore/.test(comment.text))
      found.push(`${comment.place} switches a check off`)
  return found
}

/** Promises to do it later. */
export const leftForLater = (source: Source): string[] =>
  commentsOf(source)
    .filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text))
    .map(({ place }) => `${place} leaves something for later`)

const commentsOf = (source: Source): { text: string; place: string }[] => {
  const seen = new Set<number>()
  const comments: { text: string; place: string }[] = []
  walk(source.tree, (node) => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.getEnd()) ?? []),
    ]
    for (const { pos, end } of ranges) {
      if (seen.has(pos)) continue
      seen.add(pos)
      const line = source.tree.getLineAndCharacterOfPosition(pos).line + 1
      comments.push({ text: source.text.slice(pos, end), place: `${source.path}:${line}` })
    }
  })
  return comments
}

const wordsOf = (name: string) =>
  name.split(/(?=[A-Z])|[-_.]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1))

/** Names of files, types, classes and functions that say nothing. */
export const emptyNames = (source: Source): string[] => {
  const found: string[] = []
  const file = source.path.split('/').at(-1) ?? ''
  if (wordsOf(file).some((word) => emptyWords.has(word)))
    found.push(`${source.path} has an empty word in its name`)
  walk(source.tree, (node) => {
    const named =
      ts.isTypeAliasDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      (ts.isVariableDeclaration(node) &&
        node.initializer !== undefined &&
        ts.isFunctionLike(node.initializer))
    if (!named || node.name === undefined || !ts.isIdentifier(node.name)) return
    const words = wordsOf(node.name.text)
    if (words[0] === 'Default' || words.some((word) => emptyWords.has(word)))
      found.push(`${placeOf(source, node)} is named ${node.name.text}`)
  })
  return found
}
