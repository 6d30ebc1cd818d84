import type { z } from 'zod';

/** One thing wrong in a configuration. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The SamlError behind it. */
  readonly cause?: unknown;
}

/** A TypeError that lists every problem with its path; the first underlying error is its cause. */
export function configurationError(what: string, problems: readonly Problem[]): TypeError {
  const lines = problems.map(({ path, message }) => `\n  ${[formatPath(path), message].filter(Boolean).join(': ')}`);
  const cause = problems.find((problem) => problem.cause !== undefined)?.cause;
  return new TypeError(`${what}:${lines.join('')}`, cause === undefined ? undefined : { cause });
}

/** Its message for a log: the problems side by side. */
export function oneLine({ message }: TypeError): string {
  return message
    .replace(/:\n {2}/, ': ')
    .replaceAll('\n  ', '; ')
    .replace(/\.$/, '');
}

/**
 * The issues that zod found, in the words of this library.
 *
 * @param keys the keys that are known, by the path of their object, e.g. `'idp.mapping'`; `''` for the root
 */
export function fromZod(
  issues: readonly z.core.$ZodIssue[],
  keys: Readonly<Record<string, readonly string[]>>,
): Problem[] {
  return issues.flatMap((issue): Problem | Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(key, issue.path, keys) }));
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
    return { path: issue.path, message, cause: issue.code === 'custom' ? issue.params?.['error'] : undefined };
  });
}

function unknownKey(
  key: string,
  path: readonly PropertyKey[],
  keys: Readonly<Record<string, readonly string[]>>,
): string {
  const here = formatPath(path);
  const known = keys[here] ?? [];
  // A key of another object is a likely mistake too, but the same object comes first.
  const all = [here, ...Object.keys(keys)].flatMap((at) => (keys[at] ?? []).map((name) => ({ at, name })));
  const guess =
    all.find(({ name }) => name.toLowerCase() === key.toLowerCase()) ?? all.find(({ name }) => isClose(key, name));
  if (guess) return `unknown key, did you mean ${guess.at ? `${guess.at}.` : ''}${guess.name}?`;
  return `unknown key, expected ${known.join(', ')}`;
}

/** @throws TypeError for a key that is not known, with a guess */
export function expectKnownKeys(what: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const guess = closest(unknown, known);
  const instead = guess === undefined ? `expected ${known.join(', ')}` : `did you mean ${guess}?`;
  throw new TypeError(`${what}: unknown key ${JSON.stringify(unknown)}, ${instead}`);
}

/** The candidate that `word` may be a misspelling of. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const folded = word.toLowerCase();
  return (
    candidates.find((candidate) => candidate.toLowerCase() === folded) ??
    candidates.find((candidate) => isClose(word, candidate))
  );
}

function isClose(word: string, candidate: string): boolean {
  const [a, b] = [word.toLowerCase(), candidate.toLowerCase()];
  if (a.length >= 4 && (b.startsWith(a) || a.startsWith(b))) return true;
  return Math.abs(a.length - b.length) <= 2 && editDistance(a, b) <= (Math.min(a.length, b.length) > 4 ? 2 : 1);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replace = (previous[j] ?? 0) + (letter === b[j] ? 0 : 1);
      row.push(Math.min(replace, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
