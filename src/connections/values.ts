import { z } from 'zod';

/** Longest text of a setting, in characters. */
const maxText = 1024;

/** Longest id of a connection, in characters: a longer one would leave no room for `returnTo` in the request cookie. */
export const maxConnectionId = 255;

/** Longest id of an organization, in characters: the stores keep no longer one. */
export const maxOrganizationId = 255;

/** A text that is not empty, without white space around it. */
export const text: z.ZodString = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(maxText, `is longer than ${maxText} characters`);

/** An object of the caller's own keys. */
export function table<Value extends z.ZodType>(value: Value, max: number): z.ZodRecord<z.ZodString, Value> {
  return z
    .record(z.string(), value)
    .refine((entries) => Object.keys(entries).length <= max, `holds more than ${max} keys`);
}
