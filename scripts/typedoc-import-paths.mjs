import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Converter, ReflectionKind } from 'typedoc';

// TypeDoc plugin: a module is named by its import path, and each exported function and class shows its import.

const root = fileURLToPath(new URL('..', import.meta.url));
const { name: packageName, exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** Import paths by source file: `src/http/express.ts` is `saml-jit/express`. */
const importPaths = new Map(
  Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, { types }]) => [
      types.replace('./dist/', 'src/').replace('.d.ts', '.ts'),
      packageName + path.slice(1),
    ]),
);

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const modules = project.getChildrenByKind(ReflectionKind.Module);
    const sources = modules.map((module) => project.getSymbolIdFromReflection(module)?.fileName.slice(root.length));
    for (const source of new Set([...importPaths.keys(), ...sources]))
      if (!importPaths.has(source) || !sources.includes(source))
        throw new Error(`${source} must be in "exports" of package.json and in "entryPoints" of typedoc.json`);
    modules.forEach((module, index) => {
      module.name = importPaths.get(sources[index]);
      for (const child of module.children ?? []) showImport(child, module.name);
    });
  });
}

function showImport({ name, kind, signatures, comment }, path) {
  const comments =
    signatures?.map((signature) => signature.comment) ?? (kind === ReflectionKind.Class ? [comment] : []);
  const text = `\`\`\`ts\nimport { ${name} } from '${path}';\n\`\`\`\n\n`;
  for (const each of comments) each?.summary.unshift({ kind: 'code', text });
}
