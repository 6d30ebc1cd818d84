/** Right logins of up to 1 MiB that the pinned key signed, by what they are. */
export const signedFloods: Readonly<Record<string, string>>;
