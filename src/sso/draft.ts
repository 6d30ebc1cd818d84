import { checkAt, expectKnownKeys } from '../configuration-error.ts';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionInput } from '../connections/input.ts';
import { resolvePolicy } from '../connections/policy.ts';
import { checkPolicy, parseConnection } from '../connections/schema.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ResolvedSso } from './resolved-sso.ts';
import type { ExplainDraft } from './types.ts';

/** A valid draft. */
export interface ResolvedDraft {
  /** The drafted connection; `null`: the connection of the message is used. */
  readonly connection: Connection | null;
  /** The connection with the drafted policy. */
  readonly apply: (connection: Connection) => Connection;
}

const keys: readonly (keyof ExplainDraft)[] = ['connection', 'policy'];

/** Validates a draft as `createSso` would. @throws TypeError that lists every problem with its path */
export function resolveDraft<U extends Account<string>>(sso: ResolvedSso<U>, draft: ExplainDraft): ResolvedDraft {
  expectKnownKeys('draft', draft, keys);
  const { connection, policy } = draft;
  if (policy !== undefined) named('invalid draft', [], () => checkPolicy(policy, sso.roles));
  return {
    connection:
      connection === undefined
        ? null
        : named('invalid draft.connection', ['connection'], () => parsed(sso, connection)),
    apply: (base) => (policy === undefined ? base : { ...base, policy: resolvePolicy(policy, base.policy) }),
  };
}

function parsed<U extends Account<string>>(sso: ResolvedSso<U>, input: ConnectionInput): Connection {
  const { registry } = sso;
  const organizations = new Set(registry.all.map(({ organizationId }) => organizationId));
  return parseConnection(input, {
    defaults: {
      policy: sso.policy,
      id: registry.only?.id ?? null,
      organizationId: organizations.size === 1 ? [...organizations][0] : null,
    },
    roles: sso.roles,
    now: sso.now(),
    canSign: sso.signing !== undefined,
  });
}

/** The issues, under the name that the caller knows them by. */
function named<T>(what: string, prefix: readonly string[], check: () => T): T {
  return checkAt(prefix, check, ({ message }) => {
    const [first = '', ...issues] = message.split('\n');
    return issues.length === 0 ? `${what}: ${first}` : [`${what}:`, ...issues].join('\n');
  });
}
