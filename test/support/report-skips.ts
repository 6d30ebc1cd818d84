import { existsSync } from 'node:fs';
import { listens } from './services.ts';

/** What tests need besides Node.js, and where they look for it. */
const needed: readonly (readonly [name: string, isPresent: () => Promise<boolean>])[] = [
  ['PostgreSQL on 127.0.0.1:5432', () => listens(5432)],
  ['MariaDB or MySQL on 127.0.0.1:3306', () => listens(3306)],
  ['Redis on 127.0.0.1:6379', () => listens(6379)],
  ['Chromium at /usr/bin/chromium', async () => existsSync('/usr/bin/chromium')],
  ['Node.js 22, for node:sqlite', async () => Number(process.versions.node.split('.')[0]) >= 22],
];

/** Before the tests: prints what is missing, because Vitest only counts skipped tests. With CI set they fail instead. */
export async function setup(): Promise<void> {
  if (process.env['CI'] !== undefined) return;
  for (const [name, isPresent] of needed)
    if (!(await isPresent())) console.log(`skipped: tests that need ${name}, which is missing`);
}
