import { product } from '../sso/setup.ts';
import { at, type DiagnosisCase, loginCase, signIn, signInIdpInitiated } from './support.ts';

const compare = 'compare each with the correct time (here: date -u), and set the wrong one by NTP';

const allowed = { policy: { idpInitiated: 'allow' } } as const;
const day = 24 * 3600;

export const clocks: readonly DiagnosisCase[] = [
  loginCase(
    "identity provider's clock five minutes ahead",
    'not_yet_valid',
    { respond: { now: at(300) } },
    {
      cause: "The identity provider's clock is 5 min ahead of this server's",
      remedy: compare,
      values: ['2026-11-24T08:05:00.000Z', '2026-11-24T08:00:00.000Z', '60 s of difference are tolerated'],
    },
  ),
  loginCase(
    "identity provider's clock five minutes behind",
    'expired',
    { respond: { now: at(-300), notOnOrAfter: at(-120), confirmationNotOnOrAfter: at(-120) } },
    {
      cause: "the identity provider's clock is at least 5 min behind this server's",
      remedy: compare,
      values: [
        '2026-11-24T07:55:00.000Z',
        '2026-11-24T08:00:00.000Z',
        '2 min later',
        '60 s of difference are tolerated',
      ],
    },
  ),
  {
    name: "identity provider's clock behind, in an IdP-initiated login",
    code: 'expired',
    cause: "If every login fails like this, the identity provider's clock is behind this server's",
    remedy: compare,
    values: ['2026-11-24T07:50:00.000Z', '2026-11-24T08:00:00.000Z', '5 min later'],
    reproduce: () => signInIdpInitiated(product({}, allowed), { respond: { now: at(-600) } }),
    fixed: () => signInIdpInitiated(product({}, allowed)),
  },
  loginCase(
    'response posted ten minutes after it was issued',
    'expired',
    { delaySeconds: 600 },
    {
      cause: 'the page was left open, or posted again (Back, a restored tab)',
      remedy: 'sign in again',
      values: ['issued at 2026-11-24T08:00:00.000Z, for 5 min', 'it is 2026-11-24T08:10:00.000Z here', '5 min later'],
    },
  ),
  loginCase(
    'response posted 14 hours after it was issued',
    'expired',
    { delaySeconds: 14 * 3600 },
    {
      cause: 'the page was left open, or posted again (Back, a restored tab)',
      remedy: 'sign in again',
      values: ['13 h 55 min later'],
    },
  ),
  loginCase(
    'response posted a week after it was issued',
    'expired',
    { delaySeconds: 7 * day },
    {
      cause: 'the page was left open, or posted again (Back, a restored tab)',
      remedy: 'sign in again',
      values: ['6 days 23 h later'],
    },
  ),
  {
    name: "the identity provider's login page left open overnight",
    code: 'browser_mismatch',
    cause: 'the login took longer than the 30 min of requestLifetimeSeconds',
    remedy: 'Start the login again, at the host of baseUrl (app.example.com)',
    reproduce: () => overnight({ requestLifetimeSeconds: 1800 }),
    fixed: () => overnight({ requestLifetimeSeconds: day }),
  },
  loginCase(
    'session at the identity provider expired',
    'session_expired',
    { respond: { sessionNotOnOrAfter: at(-900) } },
    {
      cause: 'The session at the identity provider (SessionNotOnOrAfter) ended at 2026-11-24T07:45:00.000Z',
      remedy: 'Sign in there again; if that does not help, compare the clocks',
      values: ['it is 2026-11-24T08:00:00.000Z here, 15 min later'],
    },
  ),
  loginCase(
    'local time without an offset',
    'assertion_invalid',
    { respond: { notOnOrAfter: '2026-11-24T09:05:00' } },
    {
      cause: 'NotOnOrAfter of <Conditions> is "2026-11-24T09:05:00"',
      remedy: 'not a time with its zone, such as 2026-11-24T08:00:00Z. Correct this at the identity provider',
    },
  ),
  loginCase(
    'local time without an offset in the Response',
    'unexpected_message',
    { respond: { issueInstant: '2026-11-24T09:00:00' } },
    {
      cause: 'a Response with the IssueInstant 2026-11-24T09:00:00',
      remedy: 'not a time with its zone, such as 2026-11-24T08:00:00Z. Correct this at the identity provider',
    },
  ),
  loginCase(
    'assertions that end before they are issued',
    'expired',
    { respond: { notOnOrAfter: at(-300), confirmationNotOnOrAfter: at(-300) } },
    {
      cause: 'The assertion was issued at 2026-11-24T08:00:00.000Z, which is after that end',
      remedy: 'Correct this at the identity provider',
      values: ['NotOnOrAfter of the Conditions is 2026-11-24T07:55:00.000Z'],
    },
  ),
  loginCase(
    'assertions that are valid for a month',
    'conditions_invalid',
    { respond: { notOnOrAfter: at(30 * day), confirmationNotOnOrAfter: at(30 * day) } },
    {
      cause: 'The assertion can be used until 2026-12-24T08:00:00.000Z, 30 days from now; at most 86400 s (1 day)',
      remedy: 'Shorten its lifetime at the identity provider (minutes are enough), or raise security.maxAssertionLife',
    },
  ),
  loginCase(
    'ForceAuthn ignored',
    'authn_context_mismatch',
    { forceAuthn: true, respond: { authnInstant: at(-3600) } },
    {
      cause: 'The application requested a new authentication (ForceAuthn) at 2026-11-24T08:00:00.000Z',
      remedy: 'Configure the identity provider to honour ForceAuthn',
      values: ['the user last authenticated at 2026-11-24T07:00:00.000Z'],
    },
  ),
];

/** A new response to a request of 9 hours before. */
function overnight(options: Parameters<typeof product>[0]): unknown {
  const respond = { now: at(9 * 3600) };
  return signIn(product(options), { delaySeconds: 9 * 3600, respond });
}
