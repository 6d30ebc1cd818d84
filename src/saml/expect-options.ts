import { invalidOption } from '../configuration-error.ts';
import { parseUrl } from '../lib/parse-url.ts';
import { printable } from '../lib/quote.ts';

/** Path of an option, e.g. `['serviceProvider', 'entityId']`. */
type Path = readonly (string | number)[];

/** @throws TypeError that names the option */
export function expectObject(path: Path, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object', value);
}

/** @throws TypeError that names the option, for an empty string and for any other type */
export function expectText(path: Path, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') refuse(path, 'a string that is not empty', value);
}

/** @throws TypeError that names the option */
export function expectHttpUrl(path: Path, value: unknown): asserts value is string {
  const isUrl = typeof value === 'string' && /^https?:$/.test(parseUrl(value)?.protocol ?? '');
  if (!isUrl) refuse(path, 'an http or https URL', value);
}

/** @throws TypeError that names the option */
export function expectBoolean(path: Path, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') refuse(path, 'true or false', value);
}

/** @throws TypeError that names the option */
export function expectDate(path: Path, value: unknown): void {
  if (value !== undefined && !(value instanceof Date && !Number.isNaN(value.getTime())))
    refuse(path, 'a valid Date', value);
}

/** @throws TypeError that names the option */
export function expectOneOf(path: Path, value: unknown, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.some((each) => each === value))
    refuse(path, `one of ${allowed.join(', ')}`, value);
}

/** @throws TypeError that names the option, for anything but a list of strings that are not empty */
export function expectTexts(path: Path, value: unknown): asserts value is readonly string[] {
  if (!Array.isArray(value)) refuse(path, 'a list of strings', value);
  for (const [index, item] of value.entries()) expectText([...path, index], item);
}

function refuse(path: Path, expected: string, received: unknown): never {
  throw invalidOption(path, `must be ${expected}; received ${describe(received, path)}`);
}

/** Options that hold keys: what was given in their place may be a private key. */
const keyOptions = ['signing', 'certificates', 'encryptionCertificates', 'signingCertificates', 'decryptionKeys'];

function describe(value: unknown, path: Path): string {
  if (typeof value === 'string') {
    const mayBeKey = value.length > 20 && (/-----BEGIN/.test(value) || keyOptions.some((key) => path.includes(key)));
    return mayBeKey ? 'another string' : JSON.stringify(printable(value));
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'an invalid Date';
  return value === null ? 'null' : typeof value;
}
