import type { World } from './world.ts';

/** A case, without its store. */
export interface CaseBody {
  readonly name: string;
  /** Whether the case requires one account per e-mail; `null`: it applies to both kinds of stores. */
  readonly oneAccountPerEmail: boolean | null;
  play(world: World): Promise<void>;
}

/** A case for any store. */
export function storeCase(name: string, play: CaseBody['play']): CaseBody {
  return { name, oneAccountPerEmail: null, play };
}

/** A case for a store in which no two organizations share an e-mail. */
export function oneAccountCase(name: string, play: CaseBody['play']): CaseBody {
  return { name, oneAccountPerEmail: true, play };
}

/** A case for a store in which each organization has its own accounts. */
export function separateAccountsCase(name: string, play: CaseBody['play']): CaseBody {
  return { name, oneAccountPerEmail: false, play };
}
