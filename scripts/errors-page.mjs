import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

// docs/errors.md: its prose is written by hand, its tables are made of the comments in the source. Between
//   <!-- table: src/error-codes.ts --> and <!-- end of table -->
// stands what that file says of each entry of its `messages`.

const root = fileURLToPath(new URL('..', import.meta.url));
const page = 'docs/errors.md';
const tags = ['remedy', 'fixedBy'];

export const errorsPage = {
  path: page,
  current: () => readFileSync(join(root, page), 'utf8'),
  /** The page as it should be. */
  generated: () =>
    errorsPage
      .current()
      .replace(
        /(<!-- table: (\S+) -->\n)[\s\S]*?(<!-- end of table -->)/g,
        (_, begin, source, end) => `${begin}\n${table(source)}\n\n${end}`,
      ),
};

function table(source) {
  const rows = entries(source).map(({ name, message, comment, remedy, fixedBy }) =>
    [`\`${name}\``, message, comment, remedy, fixedBy].map((cell) => cell.replaceAll('|', '\\|')),
  );
  const head = [source.includes('reject') ? 'Reason' : 'Code', 'Message', 'What happened', 'Remedy', 'Fixed by'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Entries of `messages`: name, constant sentence, and what the comment above them says. */
function entries(path) {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const constants = new Map();
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer) constants.set(node.name.text, node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(file);
  const messages = constants.get('messages');
  const { properties = [] } = (messages && ts.isAsExpression(messages) ? messages.expression : messages) ?? {};
  if (properties.length === 0) throw new Error(`${path} has no table "messages"`);
  return properties.map((property) => {
    const { text } = constants.get(property.initializer.text) ?? property.initializer;
    const documentation = property.jsDoc?.at(-1);
    const tag = (name) => documentation?.tags?.find(({ tagName }) => tagName.text === name)?.comment;
    const entry = { name: property.name.text, message: text, comment: documentation?.comment };
    for (const name of tags) entry[name] = tag(name);
    const missing = Object.keys(entry).find((key) => typeof entry[key] !== 'string' || entry[key] === '');
    if (missing !== undefined) throw new Error(`${path}: ${entry.name} has no ${missing} in the comment above it`);
    return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, value.replace(/\s+/g, ' ').trim()]));
  });
}
