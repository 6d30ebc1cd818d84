import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { errorsPage } from './errors-page.mjs';

// Checks that the tables of docs/errors.md are those of the source. Then type-checks every `ts` and `js` block of README.md and docs/ against the built package, so that docs cannot rot.
//
// A block is a module of its own. What a reader brings along is declared in a comment right before it:
//   <!-- given: declare const app: import('express').Express -->
// and a block that is fenced as `ts continued` goes on where the block before it ended.

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = ['README.md', ...markdownIn('docs')];
const snippets = pages.flatMap((page) => snippetsOf(page, readFileSync(join(root, page), 'utf8')));
if (!existsSync(join(root, 'dist/index.d.ts'))) fail('build first: npm run build');
if (snippets.length === 0) fail('no code block was found');
if (errorsPage.generated() !== errorsPage.current()) fail(`${errorsPage.path} is stale: npm run docs:errors`);

const problems = check(new Map(snippets.map((snippet) => [snippet.file, snippet])));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${snippets.length} code blocks of ${pages.length} pages type-check`);

function markdownIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.md') && !file.startsWith(join('docs', 'api')))
    .sort();
}

function snippetsOf(page, markdown) {
  const found = [];
  const block = /(?:<!-- given: ([\s\S]*?) -->\n+)?^```(ts|js)( continued)?\n([\s\S]*?)^```$/gm;
  for (const { 1: given = '', 2: language, 3: continued, 4: code, 0: match, index } of markdown.matchAll(block)) {
    const before = continued ? (found.at(-1)?.source ?? '') : 'export {};\n';
    const offset = `${before}${given}\n`;
    found.push({
      // Next to package.json, so that the package can import itself by name.
      file: join(root, `${page.replaceAll(/[^\w.]/g, '-')}.${found.length + 1}.${language === 'ts' ? 'mts' : 'mjs'}`),
      source: offset + code,
      page,
      line: lineCount(markdown.slice(0, index + match.length - code.length - 3)) - lineCount(offset),
    });
  }
  return found;
}

function check(files) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  // The strictest settings, but for the one that forbids process.env.NAME.
  const documented = { allowImportingTsExtensions: false, noPropertyAccessFromIndexSignature: false };
  const settings = { ...config.compilerOptions, ...documented, allowJs: true, checkJs: true };
  const { options } = ts.convertCompilerOptionsFromJson(settings, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file)?.source ?? readFile(file);
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    const snippet = file && files.get(file.fileName);
    if (!snippet) return `${file ? relative(root, file.fileName) : 'tsconfig.json'}: ${message}`;
    return `${snippet.page}:${snippet.line + lineCount(snippet.source.slice(0, start)) + 1}: ${message}`;
  });
}

function lineCount(text) {
  return text.split('\n').length - 1;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
