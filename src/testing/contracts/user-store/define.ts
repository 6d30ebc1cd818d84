import type { UserStoreFixture } from './fixture.ts';

/** A case, without its store. */
export interface CaseBody {
  readonly name: string;
  /** Whether the case requires one account per e-mail; `null`: it applies to both kinds of stores. */
  readonly oneAccountPerEmail: boolean | null;
  run(fixture: UserStoreFixture): Promise<void>;
}

/** A case for any store. */
export function storeCase(name: string, run: CaseBody['run']): CaseBody {
  return { name, oneAccountPerEmail: null, run };
}

/** A case for a store in which no two organizations share an e-mail. */
export function oneAccountCase(name: string, run: CaseBody['run']): CaseBody {
  return { name, oneAccountPerEmail: true, run };
}

/** A case for a store in which each organization has its own accounts. */
export function separateAccountsCase(name: string, run: CaseBody['run']): CaseBody {
  return { name, oneAccountPerEmail: false, run };
}
