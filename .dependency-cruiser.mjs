// Dependencies point downwards only; `npm run check` verifies it. Type-only imports count as well.

/** Bottom to top: a file imports from its own layer and from those above it in this list. */
const layers = {
  lib: '^src/lib/',
  errors: '^src/(error(s|-codes|-details)|configuration-error)\\.ts$',
  xml: '^src/xml/',
  saml: '^src/saml/',
  connections: '^src/connections/',
  provisioning: '^src/provisioning/',
  stores: '^src/stores/',
  sso: '^src/sso/',
  http: '^src/http/',
  testing: '^src/testing/',
};

/** Everything that an application loads only by importing a subpath. */
const subpaths = '^src/testing/|^src/http/express|^src/stores/(sql/|postgres|mysql|sqlite|redis)';

const runtimeDependencies = ['@xmldom/xmldom', 'xml-crypto', 'xpath', 'zod'].map((name) => `node_modules/${name}/`);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(layers).flatMap(([name, path], index, all) => {
      const higher = all.slice(index + 1).map(([, each]) => each);
      return higher.length === 0 ? [] : [rule(`${name}-imports-lower-layers-only`, { path }, { path: higher })];
    }),
    rule('index-is-imported-by-no-source', { path: '^src/' }, { path: '^src/index\\.ts$' }),
    rule('source-is-in-a-layer', { path: '^src/', pathNot: ['^src/index\\.ts$', ...Object.values(layers)] }, {}),
    rule('no-cycle', { path: '^src/' }, { circular: true }),
    rule('index-loads-no-subpath', { path: '^src/index\\.ts$' }, { path: subpaths, reachable: true }),
    rule(
      'index-loads-runtime-dependencies-only',
      { path: '^src/index\\.ts$' },
      { path: 'node_modules/', pathNot: runtimeDependencies, reachable: true },
    ),
    rule('imports-are-resolved', { path: '^src/' }, { couldNotResolve: true }),
    rule(
      'source-imports-no-dev-dependency',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer', 'type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};

function rule(name, from, to) {
  return { name, severity: 'error', from, to };
}
