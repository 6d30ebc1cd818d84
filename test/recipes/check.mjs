import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Type-checks what docs/stores says of libraries that are not dependencies of the package, against the built package: the recipe
// for Mongoose, and `prismaClient` with a generated Prisma client.
//   npm run build && node test/recipes/check.mjs
//
// Everything is installed and generated in .tmp/recipes, away from what test runner and compiler look through.

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = `${root}.tmp/recipes`;
const pages = ['mongoose'];
const prisma = `import { PrismaPg } from '@prisma/adapter-pg';
import { postgresReplayCache, postgresUserStore, prismaClient } from 'saml-jit/postgres';
import { PrismaClient } from './generated/client.ts';

const client = prismaClient(new PrismaClient({ adapter: new PrismaPg({ connectionString: '' }) }));
export const users = postgresUserStore<'owner' | 'member'>(client);
export const replayCache = postgresReplayCache(client);
`;
const schema = `generator client {
  provider = "prisma-client"
  output   = "./generated"
}

datasource db {
  provider = "postgresql"
}

model User {
  id String @id
}
`;

if (!existsSync(`${root}dist/index.d.ts`)) throw new Error('build first: npm run build');
mkdirSync(folder, { recursive: true });
for (const file of ['package.json', 'package-lock.json', '.npmrc'])
  cpSync(`${root}test/recipes/${file}`, `${folder}/${file}`);
for (const page of pages) writeFileSync(`${folder}/${page}.ts`, blocks(page, 'typescript'));
writeFileSync(`${folder}/prisma.ts`, prisma);
writeFileSync(`${folder}/schema.prisma`, schema);
writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(settings(), null, 2));

// Only types are needed: no install script, and in place of an engine, which would be downloaded, a program that exists.
run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
run(process.execPath, ['node_modules/prisma/build/index.js', 'generate', '--schema', 'schema.prisma'], {
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
});
run(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '--project', 'tsconfig.json']);
console.log(`these type-check: prismaClient, ${pages.join(', ')}`);

function blocks(page, language) {
  const markdown = readFileSync(`${root}docs/stores/${page}.md`, 'utf8');
  const found = [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))];
  if (found.length === 0) throw new Error(`docs/stores/${page}.md has no ${language} block`);
  return found.map(([, code]) => code).join('\n');
}

function settings() {
  return {
    extends: '../../tsconfig.json',
    compilerOptions: {
      // As in the blocks that scripts/check-docs.mjs checks, and what Prisma's types do not know.
      noPropertyAccessFromIndexSignature: false,
      exactOptionalPropertyTypes: false,
      paths: { 'saml-jit': ['../../dist/index.d.ts'], 'saml-jit/postgres': ['../../dist/stores/postgres.d.ts'] },
    },
    include: ['prisma', ...pages].map((page) => `${page}.ts`),
  };
}

function run(command, args, env = {}) {
  execFileSync(command, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, ...env } });
}
