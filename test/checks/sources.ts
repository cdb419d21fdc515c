import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** One parsed source file; `path` is relative to the repository, with forward slashes. */
export type Source = { path: string; text: string; tree: ts.SourceFile }

/** Parses a text as if it lay at this path of the repository. */
export const parse = (path: string, text: string): Source => ({
  path,
  text,
  tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true),
})

const isSource = (name: string) => /\.(ts|tsx|mts|mjs)$/.test(name)

/** All sources below a folder, `node_modules` and build output left out; none when there is no such folder. */
export const sourcesOf = (folder: string): Source[] => {
  const found: Source[] = []
  const visit = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name)
      if (entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'dist') visit(inner)
      if (entry.isFile() && isSource(entry.name))
        found.push(parse(relative(root, inner).replaceAll('\\', '/'), readFileSync(inner, 'utf8')))
    }
  }
  if (existsSync(join(root, folder))) visit(join(root, folder))
  return found
}

/** Calls back for every node of the tree, parents before children. */
export const walk = (tree: ts.Node, visit: (node: ts.Node) => void) => {
  visit(tree)
  ts.forEachChild(tree, (child) => walk(child, visit))
}

/** What the file imports: static and dynamic imports, re-exports and `import('…')` types. */
export const importsOf = (source: Source): string[] => {
  const names: string[] = []
  const add = (node: ts.Node | undefined) => {
    if (node !== undefined && ts.isStringLiteralLike(node)) names.push(node.text)
  }
  walk(source.tree, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0])
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal)
  })
  return names
}

/** The repository path that a relative import means, or the name as it stands for a package. */
export const resolveImport = (source: Source, name: string): string =>
  name.startsWith('.')
    ? posix
        .normalize(posix.join(dirname(source.path), name))
        .replace(/\.jsx$/, '.tsx')
        .replace(/\.js$/, '.ts')
    : name

/** "file:line" of a node, for a failure that can be clicked. */
export const placeOf = (source: Source, node: ts.Node): string =>
  `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
