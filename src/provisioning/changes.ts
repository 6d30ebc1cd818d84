import {
  type Account,
  type Changes,
  describeIdentity,
  type FieldChange,
  type NewUser,
  sameIdentity,
} from './account.ts';

/** The fields that creating a user sets. */
export function createdFields(write: NewUser<Account<string>>): readonly FieldChange[] {
  return changedFields(
    { email: null, name: null, role: null, status: null },
    { ...write, addIdentity: write.identity },
  );
}

/** The fields that a write changes; empty if it repeats the values of the account (rule unchanged-login). */
export function changedFields(
  user: Partial<Pick<Account, 'customAttributes' | 'emailVerified'>> & {
    readonly [K in 'email' | 'name' | 'role' | 'status']: string | null;
  },
  write: Changes<Account<string>>,
): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  const compare = (field: FieldChange['field'], from: string | null, to: string | null | undefined): void => {
    if (to !== undefined && to !== from) changes.push({ field, from, to });
  };
  compare('email', user.email, write.email);
  // A new user has no earlier state that could change.
  if (user.emailVerified !== undefined && write.emailVerified !== undefined) {
    compare('emailVerified', String(user.emailVerified), String(write.emailVerified));
  }
  compare('name', user.name, write.name);
  compare('role', user.role, write.role);
  compare('status', user.status, write.status);
  const { removeIdentity: removed, addIdentity: added } = write;
  if ((removed || added) && !(removed && added && sameIdentity(removed, added))) {
    const [from, to] = [removed, added].map((identity) => (identity ? describeIdentity(identity) : null));
    changes.push({ field: 'identity', from: from ?? null, to: to ?? null });
  }
  const customAttributes = write.customAttributes ?? user.customAttributes ?? {};
  for (const key of new Set([...Object.keys(user.customAttributes ?? {}), ...Object.keys(customAttributes)])) {
    compare(`customAttributes.${key}`, attributeText(user.customAttributes, key), attributeText(customAttributes, key));
  }
  return changes;
}

/** The values of a further attribute as one text. Equal only for equal values; `null` if there is no such attribute. */
export function attributeText(customAttributes: Account['customAttributes'], key: string): string | null {
  if (customAttributes === undefined || !Object.hasOwn(customAttributes, key)) return null;
  return (
    customAttributes[key]
      ?.map((value) => (/^(?!\s)[^",]+(?<!\s)$/.test(value) ? value : JSON.stringify(value)))
      .join(', ') ?? null
  );
}
