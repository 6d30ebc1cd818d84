import { oneLine } from '../connections/issues.ts';
import type { ConnectionRegistry, InvalidRow } from '../connections/registry.ts';
import type { Account } from '../provisioning/user-store.ts';
import type { ResolvedSso } from './resolved-sso.ts';

/** The connections as one login looks them up. */
export interface LoginRegistry {
  readonly registry: ConnectionRegistry;
  /** Invalid rows that were left out of lists so far. */
  readonly invalid: readonly InvalidRow[];
}

/** Makes the registry of one login, which reports an invalid row once, although several look-ups may return it. */
export function loginRegistry<U extends Account<string>>({
  registry,
  emit,
}: Pick<ResolvedSso<U>, 'registry' | 'emit'>): LoginRegistry {
  const invalid: InvalidRow[] = [];
  const isKnown = (row: InvalidRow): boolean =>
    invalid.some(({ id, error }) => id === row.id && error.message === row.error.message);
  const report = (row: InvalidRow): void => {
    if (isKnown(row)) return;
    invalid.push(row);
    emit({ type: 'warning', connectionId: row.id, warning: 'connection_invalid', hint: oneLine(row.error) });
  };
  return { registry: registry.reportingTo(report), invalid };
}
