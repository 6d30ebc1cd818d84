import type { Account } from '../provisioning/user-store.ts';
import type { Sso } from '../sso/types.ts';

/** A warning about how the routes are mounted or called. */
export interface SetupWarning {
  readonly warning: string;
  readonly hint: string;
}

/** Makes the function that emits each warning of one handler once, because every request would repeat it. */
export function warnOnce<U extends Account<string>>(sso: Sso<U>): (setup: SetupWarning) => void {
  const emitted = new Set<string>();
  return ({ warning, hint }) => {
    if (emitted.has(warning)) return;
    emitted.add(warning);
    sso.emit({ type: 'warning', connectionId: null, warning, hint });
  };
}
