import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Account } from '../../src/index.ts';
import type { TestIdp } from '../../src/testing/index.ts';
import type { roles, ServerSettings } from './settings.ts';

/** What a process answers. */
export interface Answer {
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'rejected' | 'error';
  readonly user?: Account<(typeof roles)[number]>;
  readonly notes?: readonly string[];
  readonly reason?: string;
  readonly code?: string;
}

/** A login on the way: what the browser holds before it posts to one of the processes. */
export interface Pending {
  readonly path: string;
  readonly cookie: string;
  readonly body: URLSearchParams;
}

/** One running server process. */
export interface Server {
  readonly process: ChildProcess;
  readonly url: string;
}

/** Compiles the server: Node.js 20 runs no TypeScript. */
export function compileServer(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/processes'], { cwd: root });
}

export async function startServer(settings: ServerSettings): Promise<Server> {
  const script = fileURLToPath(new URL('../../.tmp/processes/test/processes/server.js', import.meta.url));
  const child = fork(script, [JSON.stringify(settings)], { execArgv: [] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server process ended')));
  const [{ port }] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return { process: child, url: `http://127.0.0.1:${port}` };
}

export async function stop({ process }: Server): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill('SIGKILL');
  await once(process, 'exit');
}

/** Begins a login on one process and signs in at the identity provider. */
export async function begin(server: Server, idp: TestIdp, organizationId: string, user: string): Promise<Pending> {
  const response = await fetch(`${server.url}/sso/login?connection=${organizationId}`, { redirect: 'manual' });
  const url = response.headers.get('location');
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
  if (url === null || cookie === undefined)
    throw new Error(`no login begins: ${response.status} ${await response.text()}`);
  const { action, fields } = await idp.login({ kind: 'redirect', url }, user);
  return { path: new URL(action).pathname, cookie, body: new URLSearchParams(fields) };
}

/** Posts the response to a process, which need not be the one that began. */
export async function complete(server: Server, { path, cookie, body }: Pending): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers: { cookie }, body });
  return JSON.parse(await response.text());
}
