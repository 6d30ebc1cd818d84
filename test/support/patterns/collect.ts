import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Use } from './growth.ts';

/** A pattern of the source. */
interface CollectedPattern {
  /** File and line. */
  readonly where: string;
  readonly pattern: RegExp;
  readonly use: Use;
}

/** Every pattern of the source, and what makes patterns at run time. */
export interface Collected {
  readonly patterns: readonly CollectedPattern[];
  /** File, line and text of what makes a pattern of more than constants. */
  readonly dynamic: readonly string[];
}

const source = new URL('../../../src/', import.meta.url);

/** Collects from the syntax trees of all files in `src`. */
export function collectSource(): Collected {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const all = files.sort().map((file) => collect(file, readFileSync(fileURLToPath(new URL(file, source)), 'utf8')));
  return { patterns: all.flatMap(({ patterns }) => patterns), dynamic: all.flatMap(({ dynamic }) => dynamic) };
}

/** Collects from the syntax tree of one file. */
export function collect(file: string, text: string): Collected {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const constants = constantsOf(tree);
  const patterns: CollectedPattern[] = [];
  const dynamic: string[] = [];
  const place = (node: ts.Node): string => `${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;

  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const pattern = literal(node);
      patterns.push({ where: place(node), pattern, use: useOf(node, pattern) });
    } else if (makesPattern(node)) {
      const [body, flags] = (node.arguments ?? []).map((argument) => textOf(argument, constants));
      const hasFlags = (node.arguments?.length ?? 0) > 1;
      if (typeof body !== 'string' || (hasFlags && typeof flags !== 'string'))
        dynamic.push(`${place(node)}: ${node.getText()}`);
      else {
        const pattern = new RegExp(body, hasFlags ? flags : undefined);
        patterns.push({ where: place(node), pattern, use: useOf(node, pattern) });
      }
    } else if (convertsText(node)) dynamic.push(`${place(node)}: ${node.getText()}`);
    else if (ts.isIdentifier(node) && node.text === 'RegExp' && !isAllowedName(node))
      dynamic.push(`${place(node)}: ${node.parent.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { patterns, dynamic };
}

type Maker = ts.NewExpression | ts.CallExpression;

function makesPattern(node: ts.Node): node is Maker {
  return (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp';
}

/** `text.match('...')`, `search` and `matchAll` make a pattern of their text. */
function convertsText(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const [argument] = node.arguments;
  return (
    ['match', 'matchAll', 'search'].includes(node.expression.name.text) &&
    argument !== undefined &&
    (ts.isStringLiteralLike(argument) || ts.isTemplateExpression(argument))
  );
}

/** In `new RegExp()`, `RegExp()`, and as a type; anywhere else it could be passed on. */
function isAllowedName(name: ts.Identifier): boolean {
  const { parent } = name;
  return ts.isTypeReferenceNode(parent) || (makesPattern(parent) && parent.expression === name);
}

function literal(node: ts.RegularExpressionLiteral): RegExp {
  const end = node.text.lastIndexOf('/');
  return new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
}

function useOf(node: ts.Node, { flags }: RegExp): Use {
  const { parent } = node;
  const splits =
    ts.isCallExpression(parent) &&
    ts.isPropertyAccessExpression(parent.expression) &&
    parent.expression.name.text === 'split';
  return splits || /[gy]/.test(flags) ? 'all' : 'once';
}

type Constants = ReadonlyMap<string, ts.Expression>;

/** Initializers of the `const` declarations at the top of a file. */
function constantsOf(tree: ts.SourceFile): Constants {
  const found = new Map<string, ts.Expression>();
  for (const statement of tree.statements) {
    if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const)) continue;
    for (const { name, initializer } of statement.declarationList.declarations)
      if (ts.isIdentifier(name) && initializer !== undefined) found.set(name.text, initializer);
  }
  return found;
}

/** The text that an expression stands for; `undefined` where it is more than constants of its file. */
function textOf(expression: ts.Expression, constants: Constants): string | undefined {
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isIdentifier(expression)) {
    const initializer = constants.get(expression.text);
    return initializer === undefined ? undefined : textOf(initializer, constants);
  }
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return joined([textOf(expression.left, constants), textOf(expression.right, constants)]);
  if (ts.isTemplateExpression(expression))
    return joined([
      expression.head.text,
      ...expression.templateSpans.flatMap((span) => [textOf(span.expression, constants), span.literal.text]),
    ]);
  if (ts.isPropertyAccessExpression(expression) && expression.name.text === 'source') {
    const initializer = ts.isIdentifier(expression.expression) ? constants.get(expression.expression.text) : undefined;
    return initializer !== undefined && ts.isRegularExpressionLiteral(initializer)
      ? literal(initializer).source
      : undefined;
  }
  return undefined;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join('');
}
