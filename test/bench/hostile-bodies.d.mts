/** Bodies within 1 MiB of XML that no pinned key signed, by what they are. */
export const hostileBodies: Readonly<Record<string, string>>;
/** Form fields that are not XML in base64 at all. */
export const hostileFields: Readonly<Record<string, string>>;
