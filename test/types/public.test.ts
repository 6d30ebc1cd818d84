import { describe, expectTypeOf, it } from 'vitest';
import type * as api from '../../src/index.ts';
import {
  type Account,
  type Assertion,
  type AssertionAttribute,
  type Changes,
  createSso,
  type Decision,
  decide,
  type Explanation,
  explainResponse,
  type LoginResult,
  memoryUserStore,
  type NewUser,
  type Profile,
  parseIdpMetadata,
  type ResponseExplanation,
  SamlError,
  type SamlErrorCode,
  type Situation,
  type SsoEvent,
  type SsoOptions,
  type UserStore,
  type ValidateResponseOptions,
  validateResponse,
} from '../../src/index.ts';
import { rejectionOf } from '../saml/support.ts';

// These tests fail when types are checked (tsc), not when they run.

/** Whether `any` occurs in a type, at any depth that a value has in practice. */
type HasAny<T, Depth extends readonly unknown[] = []> = 0 extends 1 & T
  ? true
  : Depth['length'] extends 6
    ? false
    : T extends Date | string | number | boolean | bigint | null | undefined | Error
      ? false
      : T extends (...args: infer A) => infer R
        ? HasAny<A, [...Depth, 0]> | HasAny<R, [...Depth, 0]>
        : T extends ReadonlyMap<infer K, infer V>
          ? HasAny<K, [...Depth, 0]> | HasAny<V, [...Depth, 0]>
          : T extends readonly (infer E)[]
            ? HasAny<E, [...Depth, 0]>
            : T extends object
              ? { [K in keyof T]-?: HasAny<T[K], [...Depth, 0]> }[keyof T]
              : false;

type User = Account<'owner' | 'admin'>;
const roles = ['owner', 'admin'] as const;

const base = {
  baseUrl: 'https://app.example.com/sso',
  secret: 'a secret of more than thirty-two characters',
  connections: [],
};

describe('the public types contain no any in', () => {
  it('the detector finds any', () => {
    expectTypeOf<HasAny<{ a: { b: readonly Map<string, unknown>[] } }>>().toEqualTypeOf<false>();
    // biome-ignore lint/suspicious/noExplicitAny: it is what must be found
    expectTypeOf<true extends HasAny<{ a: { b: readonly any[] } }> ? true : false>().toEqualTypeOf<true>();
    // biome-ignore lint/suspicious/noExplicitAny: it is what must be found
    expectTypeOf<true extends HasAny<() => Map<string, { x?: any }>> ? true : false>().toEqualTypeOf<true>();
  });

  it('results', () => {
    expectTypeOf<HasAny<Assertion>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<ResponseExplanation>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<LoginResult<User>>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<Explanation<User>>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<SsoEvent>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<Profile>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<Decision<User>>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<api.IdpMetadata>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<api.Connection>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<SamlError['details'] | SamlError['cause']>>().toEqualTypeOf<false>();
  });

  it('options', () => {
    expectTypeOf<HasAny<SsoOptions<User>>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<ValidateResponseOptions>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<UserStore<User>>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<Situation<User>>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<api.ConnectionStore>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<api.ReplayCache>>().toEqualTypeOf<false>();
    expectTypeOf<HasAny<api.StateStore>>().toEqualTypeOf<false>();
    expectTypeOf<api.StateStore>().toExtend<NonNullable<SsoOptions<User>['replayCache']>>();
  });
});

describe('validateResponse', () => {
  it('returns an Assertion of read-only values', () => {
    expectTypeOf(validateResponse).returns.resolves.toEqualTypeOf<Assertion>();
    expectTypeOf<Assertion['attributes']>().toEqualTypeOf<ReadonlyMap<string, readonly string[]>>();
    expectTypeOf<Assertion['attributeList']>().toEqualTypeOf<readonly AssertionAttribute[]>();
    expectTypeOf<Assertion['notOnOrAfter']>().toEqualTypeOf<Date>();
    expectTypeOf<NonNullable<Assertion['subject']>['nameId']>().toBeString();
    expectTypeOf<null>().toExtend<Assertion['subject']>();
  });

  it('requires inResponseTo to be a string or null', () => {
    expectTypeOf<ValidateResponseOptions['inResponseTo']>().toEqualTypeOf<string | null>();
    expectTypeOf<undefined>().not.toExtend<ValidateResponseOptions['inResponseTo']>();
    expectTypeOf<Omit<ValidateResponseOptions, 'inResponseTo'>>().not.toExtend<ValidateResponseOptions>();
  });

  it('accepts undefined for optional values', () => {
    expectTypeOf<undefined>().toExtend<ValidateResponseOptions['now']>();
    expectTypeOf<undefined>().toExtend<ValidateResponseOptions['requireSigned']>();
  });

  it('accepts the same options in explainResponse', () => {
    expectTypeOf(explainResponse).parameters.toEqualTypeOf<Parameters<typeof validateResponse>>();
    expectTypeOf(parseIdpMetadata).returns.toEqualTypeOf<api.IdpMetadata>();
  });
});

describe('the union of login results', () => {
  const narrowed = (result: LoginResult<User>) => {
    switch (result.outcome) {
      case 'created':
      case 'updated':
      case 'unchanged':
        expectTypeOf(result.user).toEqualTypeOf<User>();
        expectTypeOf(result.assertion).toEqualTypeOf<Assertion>();
        expectTypeOf(result.returnTo).toBeString();
        expectTypeOf(result).not.toHaveProperty('reason');
        return;
      case 'rejected':
        expectTypeOf(result.reason).toEqualTypeOf<api.RejectReason>();
        expectTypeOf(result.message).toBeString();
        expectTypeOf(result).not.toHaveProperty('user');
        expectTypeOf(result).not.toHaveProperty('returnTo');
        return;
      case 'redirect':
        expectTypeOf(result.start).toEqualTypeOf<api.LoginStart>();
        expectTypeOf(result).not.toHaveProperty('user');
        return;
      default:
        expectTypeOf(result).toBeNever();
    }
  };

  it('narrows by outcome, to the last member', () => {
    expectTypeOf(narrowed).parameter(0).toEqualTypeOf<LoginResult<User>>();
  });

  it('narrows beginnings by kind', () => {
    const start = (begun: api.LoginStart | api.LoginUnavailable) => {
      if (begun.kind === 'redirect') return expectTypeOf(begun.url).toBeString();
      if (begun.kind === 'form') return expectTypeOf(begun.html).toBeString();
      expectTypeOf(begun).toEqualTypeOf<api.LoginUnavailable>();
      expectTypeOf(begun.reference).toBeString();
      return expectTypeOf(begun.reason).toEqualTypeOf<'no_connection' | 'choose_connection' | 'sso_not_in_plan'>();
    };
    expectTypeOf(start).parameter(0).toEqualTypeOf<api.LoginStart | api.LoginUnavailable>();
  });

  it('narrows events by type and groups by kind', () => {
    const failed = (event: SsoEvent) => (event.type === 'failed' ? event.error : null);
    expectTypeOf(failed).returns.toEqualTypeOf<SamlError | null>();
    const unavailable = (event: SsoEvent) => (event.type === 'unavailable' ? event.reason : null);
    expectTypeOf(unavailable).returns.toEqualTypeOf<
      'no_connection' | 'choose_connection' | 'sso_not_in_plan' | 'connection_disabled' | 'connection_invalid' | null
    >();
    const values = (groups: Profile['groups']) => (groups.kind === 'values' ? groups.values : null);
    expectTypeOf(values).returns.toEqualTypeOf<readonly string[] | null>();
  });

  it('narrows decisions by action', () => {
    type Reject = Extract<Decision<User>, { action: 'reject' }>;
    expectTypeOf<Reject>().not.toBeNever();
    expectTypeOf<Decision<User>['action']>().toEqualTypeOf<'create' | 'update' | 'none' | 'reject'>();
    expectTypeOf(decide<User>).returns.toEqualTypeOf<Decision<User>>();
  });
});

describe('roles', () => {
  it('of the store determine the type of the user in the result', () => {
    const make = () => createSso({ ...base, users: memoryUserStore({ roles }), roles });
    type Result = Awaited<ReturnType<ReturnType<typeof make>['completeLogin']>>;
    expectTypeOf<Extract<Result, { user: unknown }>['user']['role']>().toEqualTypeOf<'owner' | 'admin' | null>();
  });

  it('written inline also determine the type', () => {
    const make = () =>
      createSso({ ...base, users: memoryUserStore({ roles: ['owner', 'admin'] }), roles: ['owner', 'admin'] });
    type Result = Awaited<ReturnType<ReturnType<typeof make>['completeLogin']>>;
    expectTypeOf<Extract<Result, { user: unknown }>['user']['role']>().toEqualTypeOf<'owner' | 'admin' | null>();
  });

  it('of createSso alone do not determine the type', () => {
    const make = () => createSso({ ...base, users: memoryUserStore(), roles: ['owner', 'admin'] });
    type Result = Awaited<ReturnType<ReturnType<typeof make>['completeLogin']>>;
    expectTypeOf<Extract<Result, { user: unknown }>['user']['role']>().toEqualTypeOf<string | null>();
  });

  it('are checked against the store', () => {
    const users = memoryUserStore({ roles });
    // @ts-expect-error: the store has no such role
    const wrong = () => createSso({ ...base, users, roles: ['owner', 'boss'] });
    expectTypeOf(wrong).toBeFunction();
    expectTypeOf<NewUser<User>['role']>().toEqualTypeOf<'owner' | 'admin' | null>();
    expectTypeOf<Changes<User>['role']>().toEqualTypeOf<'owner' | 'admin' | null | undefined>();
  });

  it('are any string where the application has none', () => {
    const make = () => createSso({ ...base, users: memoryUserStore() });
    type Result = Awaited<ReturnType<ReturnType<typeof make>['completeLogin']>>;
    expectTypeOf<Extract<Result, { user: unknown }>['user']['role']>().toEqualTypeOf<string | null>();
  });

  it("fields of the application's account type are in the type of the user", () => {
    interface Member extends Account<'owner' | 'admin'> {
      readonly avatar: string;
    }
    type Result = Awaited<ReturnType<api.Sso<Member>['completeLogin']>>;
    expectTypeOf<Extract<Result, { user: unknown }>['user']['avatar']>().toBeString();
    const make = (users: UserStore<Member>) => createSso({ ...base, users, roles: ['owner', 'admin'] });
    expectTypeOf(make).returns.toEqualTypeOf<api.Sso<Member>>();
  });
});

describe('SamlError', () => {
  it('narrows by a union of codes', async () => {
    const error = await rejectionOf(Promise.reject(new SamlError('decryption_failed', { hint: 'x' })));
    expectTypeOf(error).toBeUnknown();
    if (error instanceof SamlError) {
      expectTypeOf(error.code).toEqualTypeOf<SamlErrorCode>();
      expectTypeOf(error.hint).toBeString();
      expectTypeOf(error.reference).toBeString();
      // @ts-expect-error not every code has these details
      error.details.expected;
    }
    expectTypeOf<'replayed'>().toExtend<SamlErrorCode>();
    expectTypeOf<'no_such_code'>().not.toExtend<SamlErrorCode>();
  });

  it('narrows details by code and by their reason', () => {
    const details = (error: SamlError) => {
      if (error.code === 'audience_mismatch') expectTypeOf(error.details.received).toEqualTypeOf<readonly string[]>();
      if (error.code === 'signature_invalid' && error.details.reason === 'malformed') {
        expectTypeOf(error.details.problem).toBeString();
      }
      if (error.code === 'untrusted_certificate' && error.details.reason === 'key_not_configured') {
        expectTypeOf(error.details.received).toEqualTypeOf<api.KeyDetails>();
      }
      if (error.code === 'not_yet_valid' || error.code === 'expired') {
        expectTypeOf(error.details.clockSkewSeconds).toBeNumber();
      }
      switch (error.code) {
        case 'replayed':
          return error.details.assertionId;
        case 'store_failed':
          return error.details.function;
        default:
          return null;
      }
    };
    expectTypeOf(details).returns.toEqualTypeOf<string | null>();
    expectTypeOf<SamlError<'replayed'>['details']>().toEqualTypeOf<{ readonly assertionId: string }>();
    expectTypeOf<keyof api.SamlErrorDetails>().toEqualTypeOf<SamlErrorCode>();
  });

  it('narrows by instanceof to the union, and excludes it in the other branch', () => {
    const from = (value: Assertion | SamlError) => (value instanceof SamlError ? value.code : value.id);
    expectTypeOf(from).returns.toEqualTypeOf<string>();
    const inCatch = (error: unknown) =>
      error instanceof SamlError && error.code === 'store_failed' ? error.details.function : null;
    expectTypeOf(inCatch).returns.toEqualTypeOf<string | null>();
  });

  it('can be constructed only with the details of its code', () => {
    const make = () => [
      new SamlError('replayed', { hint: 'x', details: { assertionId: '_1' } }),
      new SamlError('decryption_failed', { hint: 'x' }),
      // @ts-expect-error details are required
      new SamlError('replayed', { hint: 'x' }),
      // @ts-expect-error details of another code
      new SamlError('replayed', { hint: 'x', details: { requestId: '_1' } }),
      // @ts-expect-error decryption failures have no details
      new SamlError('decryption_failed', { hint: 'x', details: { reason: 'padding' } }),
    ];
    expectTypeOf(make).returns.items.toExtend<SamlError>();
  });
});
