import ts from 'typescript'
import { placeOf, type Source, walk } from './sources.js'

// What belongs to a platform. Code that needs one of these takes it through a seam.
const platform = new Set([
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'requestAnimationFrame',
  'queueMicrotask',
  'performance',
  'navigator',
  'crypto',
  'window',
  'self',
  'document',
  'globalThis',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'location',
  'WebSocket',
  'EventSource',
  'BroadcastChannel',
  'fetch',
  'process',
  'console',
  'structuredClone',
])

/** Names that this file declares or imports itself: they hide the global of the same name. */
const declaredNames = (source: Source): Set<string> => {
  const names = new Set<string>()
  walk(source.tree, (node) => {
    if (
      (ts.isVariableDeclaration(node) ||
        ts.isParameter(node) ||
        ts.isBindingElement(node) ||
        ts.isFunctionDeclaration(node) ||
        ts.isImportSpecifier(node)) &&
      node.name !== undefined &&
      ts.isIdentifier(node.name)
    )
      names.add(node.name.text)
  })
  return names
}

/** True where the identifier is read as a value, not a property's name, a key, a label or a type. */
const isValue = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if (ts.isBindingElement(parent)) return parent.initializer === node
  if (ts.isTypeElement(parent) || ts.isClassElement(parent) || ts.isTypeNode(parent)) return false
  return !ts.isQualifiedName(parent) && !ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent)
}

const isMemberOf = (node: ts.Node, object: string, member: string) =>
  ts.isPropertyAccessExpression(node) &&
  ts.isIdentifier(node.expression) &&
  node.expression.text === object &&
  node.name.text === member

const readsWallClock = (node: ts.Node) =>
  isMemberOf(node, 'Date', 'now') ||
  ((ts.isNewExpression(node) || ts.isCallExpression(node)) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'Date' &&
    (node.arguments === undefined || node.arguments.length === 0))

/** Uses of a platform in code that must run on any, as "file:line uses name". */
export const platformUses = (source: Source): string[] => {
  const declared = declaredNames(source)
  const found: string[] = []
  walk(source.tree, (node) => {
    if (readsWallClock(node)) found.push(`${placeOf(source, node)} reads the wall clock`)
    if (isMemberOf(node, 'Math', 'random')) found.push(`${placeOf(source, node)} uses Math.random`)
    if (ts.isIdentifier(node) && platform.has(node.text) && !declared.has(node.text) && isValue(node))
      found.push(`${placeOf(source, node)} uses ${node.text}`)
  })
  return found
}
