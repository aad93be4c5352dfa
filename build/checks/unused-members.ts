/**
 * Methods, properties and accessors of classes that nobody uses: `node build/checks/unused-members.ts`.
 *
 * A member counts as used when something outside its own declaration names it: through the class, a class above or
 * below it, or an interface or object type (a class that is handed over as such a type need not say `implements`, so a
 * use through any type with a member of that name counts). A member that a package's class or interface asks for
 * counts as used too. Private `#names` are left to the compiler (noUnusedLocals).
 */
import { join } from 'node:path';
import ts from 'typescript';
import { projectFiles, readText, report, root } from './project.ts';

/** One program over all files; the real type checks (with each part's own library) are steps of their own. */
function createProgram(): ts.Program {
  const base = JSON.parse(readText('build/tsconfig/base.json')) as { compilerOptions: unknown };
  const { options } = ts.convertCompilerOptionsFromJson(base.compilerOptions, root);
  const files = projectFiles(['.ts', '.tsx']).filter((file) => !file.startsWith('build/tsconfig/'));
  return ts.createProgram(
    files.map((file) => join(root, file)),
    {
      ...options,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      jsx: ts.JsxEmit.ReactJSX,
      types: ['node', 'vite/client'],
      typeRoots: [join(root, 'node_modules/@types'), join(root, 'node_modules')],
    },
  );
}

/** What a package calls by its name alone, without a type that asks for it. */
const calledByPackages = new Set(['getDerivedStateFromError']);

type Member = { declaration: ts.ClassElement; owner: ts.ClassLikeDeclaration; name: string };

const program = createProgram();
const checker = program.getTypeChecker();
const ownFiles = program
  .getSourceFiles()
  .filter((file) => !file.isDeclarationFile && !file.fileName.includes('/node_modules/'));

const members: Member[] = [];
/** Members of classes that something names through the class itself. */
const used = new Set<ts.Declaration>();
/** Names that something names through an interface or an object type. */
const usedNames = new Set<string>();

function addMembers(owner: ts.ClassLikeDeclaration): void {
  for (const declaration of owner.members) {
    if (declaration.name !== undefined && ts.isIdentifier(declaration.name))
      members.push({ declaration, owner, name: declaration.name.text });
  }
}

function noteUse(symbol: ts.Symbol | undefined, from: ts.Node): void {
  for (const declaration of symbol?.declarations ?? []) {
    if (ts.findAncestor(from, (outer) => outer === declaration) !== undefined) continue;
    if (ts.isClassLike(declaration.parent)) used.add(declaration);
    else if (symbol !== undefined) usedNames.add(symbol.name);
  }
}

function visit(node: ts.Node): void {
  if (ts.isClassLike(node)) addMembers(node);
  if (ts.isPropertyAccessExpression(node)) noteUse(checker.getSymbolAtLocation(node.name), node);
  else if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
    noteUse(checker.getSymbolAtLocation(node.argumentExpression), node);
  else if (ts.isIndexedAccessTypeNode(node) && ts.isLiteralTypeNode(node.indexType)) {
    const { literal } = node.indexType;
    if (ts.isStringLiteral(literal))
      noteUse(checker.getTypeFromTypeNode(node.objectType).getProperty(literal.text), node);
  } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = node.propertyName ?? node.name;
    if (ts.isIdentifier(name)) noteUse(checker.getTypeAtLocation(node.parent).getProperty(name.text), node);
  }
  ts.forEachChild(node, visit);
}

/** What `owner` inherits under `name`, from all classes and interfaces above it. */
function inherited(owner: ts.ClassLikeDeclaration, name: string): ts.Declaration[] {
  return (owner.heritageClauses ?? [])
    .flatMap((clause) => clause.types)
    .flatMap((above) => checker.getTypeAtLocation(above).getProperty(name)?.declarations ?? []);
}

/** Whether a class or interface above asks for the member and is itself used, or is none of ours. */
function isAskedFor({ owner, name }: Member): boolean {
  if (calledByPackages.has(name)) return true;
  return inherited(owner, name).some((above) => above.getSourceFile().isDeclarationFile || used.has(above));
}

/** Whether a class below is used by this name: the member above is then what its users mean. */
function isUsedBelow({ declaration, name }: Member): boolean {
  return members.some(
    (other) =>
      other.name === name &&
      used.has(other.declaration) &&
      inherited(other.owner, name).includes(declaration),
  );
}

for (const file of ownFiles) visit(file);
const findings = members
  .filter((member) => !used.has(member.declaration) && !usedNames.has(member.name))
  .filter((member) => !isAskedFor(member) && !isUsedBelow(member))
  .map(({ declaration, owner, name }) => {
    const source = declaration.getSourceFile();
    const { line } = source.getLineAndCharacterOfPosition(declaration.getStart());
    const path = source.fileName.slice(root.length + 1);
    return `${path}:${line + 1} ${owner.name?.text ?? 'class'}.${name} is not used`;
  });
report('unused class members', findings);
