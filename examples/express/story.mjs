import { createTestIdp } from 'saml-jit/testing';
import { Browser, plainText } from './browser.mjs';

const day = 24 * 60 * 60 * 1000;

/** Plays the product's whole story over HTTP and compares each decision. Returns how many differed. */
export async function playStory({ product, users, organizations, acme, globex, events, clock }) {
  let failures = 0;
  const step = (title) => console.log(`\n${title}`);
  const expect = (actual, expected) => {
    const same = actual === expected;
    if (!same) failures++;
    console.log(same ? `   ok   ${actual}` : `   DIFFERS   ${actual}\n   expected  ${expected}`);
  };

  /** A page, and what the product decided until it was shown. */
  const decided = (page) => ({
    ...page,
    decision: events.splice(0).map(describe).join(', then ') || 'no login',
  });
  const signIn = async (browser, url, user, beforePost) => decided(await browser.open(url, { user, beforePost }));
  const portal = ({ origin }, user) =>
    `${origin}/portal?${new URLSearchParams({ user, sp: `${product}/sso/metadata` })}`;
  const loginPage = (email) => `${product}/sso/login?${new URLSearchParams({ email })}`;

  const alice = new Browser();
  const bob = new Browser();

  step('1. Alice, unknown to the product, enters her e-mail on the login page');
  let page = await signIn(alice, loginPage('alice@acme.example'));
  expect(
    /class="notice">([^<]*)/.exec(page.html)?.[1],
    'Is this your first time here? Then start from your company’s portal.',
  );

  step('2. Alice starts at her company’s portal');
  page = await signIn(alice, portal(acme, 'alice'), 'alice');
  expect(
    page.decision,
    'restarted, then created (email: alice@acme.example, name: Alice Adams, role: member, identity: alice)',
  );
  expect(dashboard(page), 'Hello, Alice Adams. You are member of Acme. People of Acme: alice@acme.example');

  step('3. Alice comes back through the login page');
  page = await signIn(alice, loginPage('alice@acme.example'), 'alice');
  expect(`led to ${organizationOf(page.visited[1])}`, 'led to Acme');
  expect(page.decision, 'unchanged');

  step('4. Her name and role change at the identity provider');
  acme.idp.updateUser('alice', { lastName: 'Baker', role: 'admin' });
  page = await signIn(alice, loginPage('alice@acme.example'), 'alice');
  expect(page.decision, 'updated (name: Alice Adams -> Alice Baker, role: member -> admin)');
  expect(dashboard(page), 'Hello, Alice Baker. You are admin of Acme. People of Acme: alice@acme.example');

  step('5. Bob, of another organization, cannot reach Alice’s');
  page = await signIn(bob, portal(globex, 'bob'), 'bob');
  expect(
    page.decision,
    'restarted, then created (email: bob@globex.example, name: Bob Brown, role: member, identity: bob)',
  );
  expect(dashboard(page), 'Hello, Bob Brown. You are member of Globex. People of Globex: bob@globex.example');
  page = await signIn(bob, loginPage('alice@acme.example'), 'bob');
  expect(`led to ${organizationOf(page.url)}, which does not know him`, 'led to Acme, which does not know him');
  expect(page.decision, 'no login');
  page = await signIn(new Browser(), portal(globex, 'mallory'), 'mallory');
  expect(page.decision, 'restarted, then rejected: email_in_other_organization');
  expect(refusal(page), '403 you cannot sign in with this account; please ask your administrator');

  step('6. Policy rejects');
  page = await signIn(new Browser(), portal(acme, 'carol'), 'carol');
  expect(page.decision, 'restarted, then rejected: role_unknown');
  page = await signIn(new Browser(), portal(acme, 'dave'), 'dave');
  expect(page.decision, 'restarted, then rejected: domain_not_allowed');
  organizations.get('acme').seats = 1;
  page = await signIn(new Browser(), portal(acme, 'erin'), 'erin');
  expect(page.decision, 'restarted, then rejected: seat_limit_reached');
  page = await signIn(alice, loginPage('alice@acme.example'), 'alice');
  expect(`Alice, who has a seat: ${page.decision}`, 'Alice, who has a seat: unchanged');
  organizations.get('globex').sso = false;
  page = await signIn(new Browser(), portal(globex, 'bob'), 'bob');
  expect(page.decision, 'restarted, then rejected: sso_not_in_plan');
  organizations.get('globex').sso = true;

  step('7. Alice is deleted at her identity provider');
  acme.idp.removeUser('alice');
  clock.time = new Date(clock.time.getTime() + 30 * day);
  page = await signIn(new Browser(), loginPage('alice@acme.example'), 'alice');
  expect(`stopped at ${organizationOf(page.url)}: ${page.decision}`, 'stopped at Acme: no login');
  page = await signIn(new Browser(), portal(acme, 'alice'), 'alice');
  expect(`from the portal: ${page.decision}`, 'from the portal: refused with status_not_success');
  const [account] = await users.list('acme');
  expect(`${account.email} is ${account.status}`, 'alice@acme.example is active');
  expect(`seats taken: ${await users.seatsTaken('acme')}`, 'seats taken: 1');
  const stale = await users.listStale({ organizationId: 'acme', olderThan: new Date(clock.time.getTime() - 7 * day) });
  expect(`stale: ${stale.map(({ email }) => email)}`, 'stale: alice@acme.example');

  step('8. Forgers are refused');
  let attacker;
  let stolen;
  page = await signIn(bob, loginPage('bob@globex.example'), 'bob', (form) => {
    if (!form.fields.SAMLResponse) return;
    attacker = bob.copy();
    stolen = form;
  });
  expect(`the genuine response: ${page.decision}`, 'the genuine response: unchanged');
  page = decided(await attacker.send(stolen));
  expect(`the same once more: ${page.decision}`, 'the same once more: refused with replayed');

  page = await signIn(bob, loginPage('bob@globex.example'), 'bob', ({ fields }) => {
    rewrite(fields, (xml) => xml.replace('>Bob<', '>Rob<'));
  });
  expect(`altered by one byte: ${page.decision}`, 'altered by one byte: refused with signature_invalid');

  const untrustedIdp = createTestIdp({ entityId: globex.idp.entityId, users: globex.idp.users, now: () => clock.time });
  page = await signIn(bob, loginPage('bob@globex.example'), 'bob', ({ fields }) => {
    rewrite(fields, (xml) =>
      untrustedIdp.responseXml({
        user: 'bob',
        acsUrl: `${product}/sso/acs`,
        audience: `${product}/sso/metadata`,
        inResponseTo: / InResponseTo="([^"]*)"/.exec(xml)[1],
      }),
    );
  });
  expect(
    `signed with an untrusted key: ${page.decision}`,
    'signed with an untrusted key: refused with untrusted_certificate',
  );

  console.log(failures === 0 ? '\nAll decisions are as expected.' : `\nDecisions that differ: ${failures}.`);
  return failures;

  function organizationOf(url) {
    return { [acme.origin]: 'Acme', [globex.origin]: 'Globex' }[new URL(url).origin];
  }
}

function describe({ type, outcome, reason, error, changes }) {
  if (type === 'login') return changes.length === 0 ? outcome : `${outcome} (${changes.map(change).join(', ')})`;
  if (type === 'rejected') return `rejected: ${reason}`;
  return type === 'failed' ? `refused with ${error.code}` : type;
}

const change = ({ field, from, to }) => `${field}: ${from === null ? to : `${from} -> ${to}`}`;

function dashboard({ html }) {
  const hello = plainText(/<h1>(.*?)<\/h1>/s.exec(html)?.[1] ?? '');
  const role = plainText(/<\/h1>\s*<p>(.*?)<\/p>/s.exec(html)?.[1] ?? '');
  const people = plainText(/<h2>(.*?)<\/h2>/s.exec(html)?.[1] ?? '');
  const emails = Array.from(html.matchAll(/<td>([^<]*@[^<]*)<\/td>/g), ([, email]) => email);
  return `${hello}. ${role} ${people}: ${emails.join(', ')}`;
}

function refusal({ status, html }) {
  return `${status} ${plainText(/class="notice">([^<]*)/.exec(html)?.[1] ?? '')}`;
}

function rewrite(fields, change) {
  if (!fields.SAMLResponse) return;
  const xml = Buffer.from(fields.SAMLResponse, 'base64').toString();
  fields.SAMLResponse = Buffer.from(change(xml)).toString('base64');
}
