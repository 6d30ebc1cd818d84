import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

// docs/errors.md: its prose is written by hand, its tables are generated from the source. Between
//   <!-- table: src/error-codes.ts --> and <!-- end of table -->
// is a row for each entry of `messages` in that file, and between
//   <!-- details: src/error-details.ts --> and <!-- end of table -->
// a row for each property of its `SamlErrorDetails`.

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
        /(<!-- (table|details): (\S+) -->\n)[\s\S]*?(<!-- end of table -->)/g,
        (_, begin, kind, source, end) =>
          `${begin}\n${kind === 'details' ? detailsTable(source) : table(source)}\n\n${end}`,
      ),
};

function table(source) {
  const rows = entries(source).map(({ name, message, comment, remedy, fixedBy }) =>
    [`\`${name}\``, message, comment, remedy, fixedBy].map((cell) => cell.replaceAll('|', '\\|')),
  );
  const head = [source.includes('reject') ? 'Reason' : 'Code', 'Message', 'What happened', 'Remedy', 'Fixed by'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The details of each code that has any: fields with their types, and what the comments say. */
function detailsTable(path) {
  const file = parse(path);
  const details = file.statements.find(
    (node) => ts.isInterfaceDeclaration(node) && node.name.text === 'SamlErrorDetails',
  );
  const rows = details.members.flatMap(({ name, type }) => {
    const alternatives = (ts.isUnionTypeNode(type) ? type.types : [type]).filter(ts.isTypeLiteralNode);
    if (alternatives.length === 0) return [];
    const cells = alternatives.map(({ members }) => members.map((member) => field(member, file)).join('<br>'));
    return [`| \`${name.text}\` | ${cells.join('<br>or<br>')} |`];
  });
  return ['| Code | Details |', '| --- | --- |', ...rows].join('\n');
}

function field(member, file) {
  const type = member.type
    .getText(file)
    .replace(/^readonly (?=.*\[\]$)/, '')
    .replace(/ \| undefined$/, '');
  const optional = member.questionToken || /undefined/.test(member.type.getText(file)) ? '?' : '';
  const comment = member.jsDoc?.at(-1)?.comment;
  const text = `\`${member.name.text}${optional}: ${type.replaceAll('|', '\\|')}\``;
  return typeof comment === 'string' ? `${text} ${comment.replace(/\s+/g, ' ').replaceAll('|', '\\|')}` : text;
}

/** Entries of `messages`: name, constant sentence, and what the comment above them says. */
function entries(path) {
  const file = parse(path);
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

function parse(path) {
  return ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
}
