import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind } from 'typedoc';

// Checks the API reference: docs/api is what `npm run docs` writes, and each exported function and each method of the
// verbs has a summary, its parameters, an example, and what it throws ("Throws nothing." where it throws nothing).

const root = fileURLToPath(new URL('..', import.meta.url));
const committed = join(root, 'docs/api');
const generated = mkdtempSync(join(tmpdir(), 'saml-jit-api-'));
// Their methods are documented as functions are.
const verbs = ['Sso', 'ConnectionVerbs', 'UserVerbs'];

process.chdir(root);
try {
  const app = await Application.bootstrapWithPlugins({ logLevel: 'Warn' });
  const project = await app.convert();
  if (project === undefined) throw new Error('the source does not compile');
  app.validate(project);
  await app.outputs.writeOutput({ name: 'markdown', path: generated }, project);
  if (pagesOf(generated).size === 0) throw new Error('no page was generated');
  const problems = [...undocumented(project), ...differences(pagesOf(committed), pagesOf(generated))];
  for (const problem of problems) console.error(problem);
  if (problems.length > 0 || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
  else console.log(`${pagesOf(generated).size} pages of the API reference are current`);
} finally {
  rmSync(generated, { recursive: true });
}

function undocumented(project) {
  const modules = project.getChildrenByKind(ReflectionKind.Module);
  const functions = modules.flatMap((module) =>
    module.getChildrenByKind(ReflectionKind.Function).map((each) => [`${module.name}: ${each.name}`, each]),
  );
  const methods = modules
    .flatMap((module) => module.getChildrenByKind(ReflectionKind.Interface))
    .filter(({ name }) => verbs.includes(name))
    .flatMap((type) =>
      type.getChildrenByKind(ReflectionKind.Method).map((each) => [`${type.name}.${each.name}`, each]),
    );
  return [...functions, ...methods].flatMap(([name, { signatures = [] }]) => {
    const has = (tag) => signatures.some(({ comment }) => comment?.getTag(tag) !== undefined);
    const textOf = (comment) => comment?.summary.map(({ text }) => text).join('') ?? '';
    const summary = signatures.map(({ comment }) => textOf(comment)).join(' ');
    const parameters = signatures.flatMap((signature) => signature.parameters ?? []);
    return [
      ...(summary === '' ? [`${name} has no summary`] : []),
      ...(has('@example') ? [] : [`${name} has no @example`]),
      ...(has('@throws') || /throws nothing/i.test(summary) ? [] : [`${name} has no @throws and no "Throws nothing."`]),
      ...parameters
        .filter(({ comment }) => textOf(comment) === '')
        .map((parameter) => `${name} has no @param ${parameter.name}`),
    ];
  });
}

/** Text by path. */
function pagesOf(folder) {
  let files = [];
  try {
    files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return new Map(files.sort().map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function differences(current, expected) {
  const stale = [...new Set([...current.keys(), ...expected.keys()])].filter(
    (file) => current.get(file) !== expected.get(file),
  );
  if (stale.length === 0) return [];
  return [`docs/api is stale, run: npm run docs (${stale.length} pages, e.g. ${stale.slice(0, 3).join(', ')})`];
}
