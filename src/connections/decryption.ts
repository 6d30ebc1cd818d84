import { z } from 'zod';
import { ConfigurationError } from '../configuration-error.ts';
import { type DecryptionPair, type KeyAndCertificate, resolveDecryptionPairs } from '../xml/decryption-pairs.ts';

const shape = 'expected { privateKey, certificate }, or a list of up to 4 of them, newest first';
const pairSchema = z.strictObject(
  { privateKey: z.string(), certificate: z.string() },
  { error: ({ code }) => (code === 'unrecognized_keys' ? `has unknown keys, ${shape}` : shape) },
);
const pairsSchema = z.array(pairSchema).min(1, `is empty, ${shape}`);

/** Decryption keys of a connection. No message repeats any part of the input. */
export const decryptionSchema: z.ZodType<readonly DecryptionPair[], KeyAndCertificate | readonly KeyAndCertificate[]> =
  z.custom<KeyAndCertificate | readonly KeyAndCertificate[]>().transform((value, context) => {
    const isList = Array.isArray(value);
    const parsed = pairsSchema.safeParse(isList ? value : [value]);
    const report = (message: string, path: readonly PropertyKey[] = []): void =>
      context.addIssue({ code: 'custom', message, path: [...path] });
    if (!parsed.success) {
      for (const { message, path } of parsed.error.issues) report(message, isList ? path : path.slice(1));
      return z.NEVER;
    }
    try {
      return resolveDecryptionPairs(parsed.data);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      for (const { message, path } of error.issues) report(message, isList ? path : path.slice(1));
      return z.NEVER;
    }
  });
