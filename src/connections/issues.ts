import type { z } from 'zod';
import {
  ConfigurationError,
  type ConfigurationIssue,
  type ConfigurationPath,
  formatIssue,
  formatPath,
  unknownKeyIssue,
} from '../configuration-error.ts';
import { closest } from '../lib/closest.ts';

/** An issue with the SamlError that it came from. */
export interface CausedIssue extends ConfigurationIssue {
  readonly cause?: unknown;
}

/** An error that lists every issue with its path; the first underlying error is its cause. */
export function configurationError(what: string, issues: readonly CausedIssue[]): ConfigurationError {
  const lines = issues.map((issue) => `\n  ${formatIssue(issue)}`);
  const cause = issues.find((issue) => issue.cause !== undefined)?.cause;
  const plain = issues.map(({ path, message, suggestion }) => ({ path, message, ...(suggestion && { suggestion }) }));
  return new ConfigurationError(`${what}:${lines.join('')}`, plain, { cause });
}

/** The message of a configuration error in one line, for logs and hints. */
export function oneLine({ message }: TypeError): string {
  return message
    .replace(/:\n {2}/, ': ')
    .replaceAll('\n  ', '; ')
    .replace(/\.$/, '');
}

/**
 * The issues that zod found, in plain words.
 *
 * @param keys the known keys by the path of their object, e.g. `'idp.mapping'`; `''` for the root
 */
export function fromZod(
  issues: readonly z.core.$ZodIssue[],
  keys: Readonly<Record<string, readonly string[]>>,
): CausedIssue[] {
  return issues.flatMap((issue): CausedIssue | CausedIssue[] => {
    const path = toPath(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const here = formatPath(path);
        return unknownKeyIssue([...path, key], closestKey(key, here, keys), keys[here] ?? []);
      });
    }
    const message = issue.message.endsWith('received undefined')
      ? 'is required'
      : issue.message
          .replace(/^Invalid (?:input|option): /, '')
          .replace(/^expected array,/, 'expected a list ([...]),')
          .replace(/^expected record,/, 'expected an object ({...}),')
          .replace(
            /^(expected string, received )(?:Buffer|Uint8Array)$/,
            "$1bytes: pass its text, e.g. readFile(path, 'utf8')",
          );
    if (issue.code === 'invalid_value' && typeof issue.input === 'string') {
      const values = issue.values.filter((value) => typeof value === 'string');
      return { path, message, suggestion: closest(issue.input, values) };
    }
    if (issue.code !== 'custom') return { path, message };
    const suggestion: unknown = issue.params?.['suggestion'];
    return {
      path,
      message,
      suggestion: typeof suggestion === 'string' ? suggestion : undefined,
      cause: issue.params?.['error'],
    };
  });
}

/** A path of zod as a path of a configuration. */
function toPath(path: readonly PropertyKey[]): ConfigurationPath {
  return path.map((key) => (typeof key === 'number' ? key : String(key)));
}

// A key of another object is a likely mistake too, but the same object comes first.
function closestKey(key: string, here: string, keys: Readonly<Record<string, readonly string[]>>): string | undefined {
  const objects = [here, ...Object.keys(keys)];
  const exact = objects.find((at) => (keys[at] ?? []).some((name) => name.toLowerCase() === key.toLowerCase()));
  const at = exact ?? objects.find((each) => closest(key, keys[each] ?? []) !== undefined);
  const name = at === undefined ? undefined : closest(key, keys[at] ?? []);
  return name === undefined || !at ? name : `${at}.${name}`;
}
