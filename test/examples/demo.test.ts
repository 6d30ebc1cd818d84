import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modified = (file: string): number => statSync(join(root, file)).mtimeMs;

// The example imports the package by its name, hence what was built.
beforeAll(() => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...sources.map((file) => modified(join('src', file))));
  const stale = !existsSync(join(root, 'dist/index.js')) || modified('dist/index.js') < newest;
  if (stale) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
}, 120_000);

function playDemo(...nodeOptions: string[]) {
  const script = ['examples/express/main.mjs', '--scripted'];
  return spawnSync(process.execPath, [...nodeOptions, ...script], { cwd: root, encoding: 'utf8' });
}

const story = `
1. Alice, unknown to the product, enters her e-mail on the login page
   ok   Is this your first time here? Then start from your company’s portal.

2. Alice starts at her company’s portal
   ok   restarted, then created (email: alice@acme.example, name: Alice Adams, role: member, identity: alice)
   ok   Hello, Alice Adams. You are member of Acme. People of Acme: alice@acme.example

3. Alice comes back through the login page
   ok   led to Acme
   ok   unchanged

4. Her name and role change at the identity provider
   ok   updated (name: Alice Adams -> Alice Baker, role: member -> admin)
   ok   Hello, Alice Baker. You are admin of Acme. People of Acme: alice@acme.example

5. Bob, of another organization, cannot reach Alice’s
   ok   restarted, then created (email: bob@globex.example, name: Bob Brown, role: member, identity: bob)
   ok   Hello, Bob Brown. You are member of Globex. People of Globex: bob@globex.example
   ok   led to Acme, which does not know him
   ok   no login
   ok   restarted, then rejected: email_in_other_organization
   ok   403 you cannot sign in with this account; please ask your administrator

6. Policy rejects
   ok   restarted, then rejected: role_unknown
   ok   restarted, then rejected: domain_not_allowed
   ok   restarted, then rejected: seat_limit_reached
   ok   Alice, who has a seat: unchanged
   ok   restarted, then rejected: sso_not_in_plan

7. Alice is deleted at her identity provider
   ok   stopped at Acme: no login
   ok   from the portal: refused with status_not_success
   ok   alice@acme.example is active
   ok   seats taken: 1
   ok   stale: alice@acme.example

8. Forgers are refused
   ok   the genuine response: unchanged
   ok   the same once more: refused with replayed
   ok   altered by one byte: refused with signature_invalid
   ok   signed with an untrusted key: refused with untrusted_certificate

All decisions are as expected.
`;

describe('npm run demo -- --scripted', { timeout: 120_000 }, () => {
  it('completes all steps', () => {
    const { status, stdout, stderr } = playDemo();
    expect(stdout + stderr).toBe(story);
    expect(status).toBe(0);
  });

  it('fails when a step differs', () => {
    // A browser that forgets its cookies cannot sign in.
    const forgetful = 'const send = fetch; globalThis.fetch = (url, init) => send(url, { ...init, headers: {} });';
    const { status, stdout } = playDemo('--import', `data:text/javascript,${encodeURIComponent(forgetful)}`);
    expect(stdout).toContain(
      'DIFFERS   restarted, then refused with browser_mismatch\n   expected  restarted, then created',
    );
    expect(status).toBe(1);
  });
});
