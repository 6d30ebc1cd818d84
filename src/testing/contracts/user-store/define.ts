import type { World } from './world.ts';

/** A case before it has a store. */
export interface CaseBody {
  readonly name: string;
  /** What the case needs; `null`: it passes either way. */
  readonly oneAccountPerEmail: boolean | null;
  play(world: World): Promise<void>;
}

/** A case of any store. */
export function storeCase(name: string, play: CaseBody['play']): CaseBody {
  return { name, oneAccountPerEmail: null, play };
}

/** A case of a store where no two organizations share an e-mail. */
export function oneAccountCase(name: string, play: CaseBody['play']): CaseBody {
  return { name, oneAccountPerEmail: true, play };
}

/** A case of a store where each organization has accounts of its own. */
export function separateAccountsCase(name: string, play: CaseBody['play']): CaseBody {
  return { name, oneAccountPerEmail: false, play };
}
