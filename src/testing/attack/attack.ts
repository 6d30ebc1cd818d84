import { forgeries } from './catalogue.ts';
import type { SigningMode } from './material.ts';
import type { AttackOptions, Attempt } from './options.ts';
import { type EvaluatedAttempt, Run } from './run.ts';

/** Result of {@link attack}. */
export interface AttackReport {
  /** Forgeries that the application accepted: each one is a vulnerability. */
  readonly letIn: readonly Attempt[];
  readonly refused: readonly Attempt[];
  /** Neither: the application signed in the user of the genuine part of the message, and ignored the forged part. */
  readonly harmless: readonly Attempt[];
  /** Refused, but the response repeats content of the forgery: text of an attacker on your page or in your headers. */
  readonly repeated: readonly Attempt[];
  /** Refused by a crash: the application threw, or answered with a status of 500 or more. */
  readonly crashed: readonly Attempt[];
  /** Genuine messages, all of which were accepted. */
  readonly genuine: readonly Attempt[];
  /** The signing modes that were tried. */
  readonly signs: readonly SigningMode[];
  /** Number of forgeries tried, counted once per signing mode. */
  readonly tried: number;
}

/**
 * Posts every forgery to your application, and reports which were accepted.
 *
 * First it verifies that the result is meaningful: genuine messages are accepted, as two different users, and an
 * invalid message is not.
 *
 * @param options the application under test, its connection, and how to begin a login
 * @throws TypeError if the result would not be meaningful; the message gives the reason
 *
 * @example
 * ```ts
 * const report = await attack({
 *   idp,
 *   serviceProvider: { entityId: 'http://localhost:3000/sso/metadata', acsUrl: 'http://localhost:3000/sso/acs' },
 *   acs: 'http://localhost:3000/sso/acs',
 *   begin: 'http://localhost:3000/sso/login',
 *   user: 'alice',
 *   signedInAs: async ({ cookies }) => {
 *     const me = await fetch('http://localhost:3000/me', { headers: { cookie: cookies } });
 *     return me.ok ? me.text() : null;
 *   },
 * });
 * assert.deepEqual(report.letIn, []);
 * ```
 */
export async function attack(options: AttackOptions): Promise<AttackReport> {
  const except = new Set(options.except);
  for (const name of except) {
    if (!forgeries.some((forgery) => forgery.name === name)) throw new TypeError(`there is no forgery ${name}`);
  }
  const run = new Run(options);
  const { signs, genuine } = await run.prove();
  const attempts: EvaluatedAttempt[] = [];
  for (const forgery of forgeries) {
    if (except.has(forgery.name) || (forgery.needsRequest && options.begin === undefined)) continue;
    for (const part of signs) {
      if ((forgery.from ?? signs).includes(part)) attempts.push(await run.attempt(forgery, part));
    }
  }
  const pick = (which: (attempt: EvaluatedAttempt) => boolean): Attempt[] =>
    attempts.filter(which).map(({ succeeded, repeats, ...attempt }) => attempt);
  return {
    letIn: pick(({ succeeded }) => succeeded),
    refused: pick(({ who }) => who === 'none'),
    harmless: pick(({ succeeded, who }) => !succeeded && who !== 'none'),
    repeated: pick(({ who, repeats }) => who === 'none' && repeats),
    crashed: pick(({ status }) => status === null || status >= 500),
    genuine,
    signs,
    tried: attempts.length,
  };
}
