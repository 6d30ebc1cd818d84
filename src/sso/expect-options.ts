import { expectKnownKeys, invalidOption } from '../configuration-error.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { SsoOptions } from './types.ts';

const knownOptions: readonly (keyof SsoOptions<Account<string>>)[] = [
  'baseUrl',
  'entityId',
  'secret',
  'connections',
  'users',
  'organization',
  'roles',
  'policy',
  'replayCache',
  'signing',
  'decryption',
  'limits',
  'crossCheck',
  'clockSkewSeconds',
  'requestLifetimeSeconds',
  'returnTo',
  'discoverByDomain',
  'onEvent',
  'now',
];

const functions = {
  organization: 'async (id) => ({ sso: true, seats: null })',
  onEvent: '(event) => console.log(event)',
  now: '() => new Date()',
};

/** Checks the options for mistakes that only TypeScript would detect. @throws TypeError that names the option */
export function expectOptions<U extends Account<string>>(options: SsoOptions<U>): void {
  expectKnownKeys('createSso', options, knownOptions);
  if (typeof options.users?.find !== 'function')
    throw invalidOption(['users'], `must be a UserStore, e.g. memoryUserStore(); received ${typeof options.users}`);
  for (const [name, example] of Object.entries(functions)) {
    const value: unknown = options[name as keyof typeof functions];
    if (value !== undefined && typeof value !== 'function')
      throw invalidOption([name], `must be a function, e.g. ${example}; received ${typeof value}`);
  }
  if (options.roles !== undefined && !Array.isArray(options.roles))
    throw invalidOption(
      ['roles'],
      `must be a list, highest first, e.g. ['owner', 'member']; received ${typeof options.roles}`,
    );
}
