import { closest } from './lib/closest.ts';

/** Where a value is in a configuration, e.g. `['idp', 'certificates', 0]`; empty: the configuration itself. */
export type ConfigurationPath = readonly (string | number)[];

/** One mistake in a configuration. */
export interface ConfigurationIssue {
  readonly path: ConfigurationPath;
  /** What is wrong, to be read after the name of the field, e.g. `is required`. */
  readonly message: string;
  /** The key or value that may have been meant, e.g. `idp.certificates`. */
  readonly suggestion?: string | undefined;
}

/**
 * Settings or options that cannot be used: of a connection, a policy, `createSso`, `ssoRouter`, `validateResponse`. The
 * message lists every issue; a settings form shows each of `issues` at its field. `cause` is the first underlying
 * {@link SamlError}, e.g. `certificate_invalid`. No issue repeats a private key or a secret.
 *
 * @example
 * ```ts
 * try {
 *   parseConnection(form);
 * } catch (error) {
 *   if (!(error instanceof ConfigurationError)) throw error;
 *   for (const { path, message, suggestion } of error.issues) {
 *     console.log(path.join('.'), message, suggestion === undefined ? '' : `did you mean ${suggestion}?`);
 *   }
 * }
 * ```
 */
export class ConfigurationError extends TypeError {
  override readonly name = 'ConfigurationError';
  readonly issues: readonly ConfigurationIssue[];

  constructor(message: string, issues: readonly ConfigurationIssue[], options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.issues = issues;
  }
}

/**
 * The error for one option, whose message names it: `clockSkewSeconds must be from 0 to 300`.
 *
 * @example
 * throw invalidOption(['limits', key], 'must be a positive integer');
 */
export function invalidOption(
  path: ConfigurationPath,
  message: string,
  options: { readonly cause?: unknown } = {},
): ConfigurationError {
  return new ConfigurationError(`${formatPath(path)} ${message}`.trimStart(), [{ path, message }], options);
}

/**
 * Runs a check of a part of a configuration: the paths of its issues are extended by the path of that part.
 *
 * @param describe makes the message of the error; default: each issue after its path
 * @throws ConfigurationError
 */
export function checkAt<T>(
  prefix: ConfigurationPath,
  check: () => T,
  describe: (error: ConfigurationError, issues: readonly ConfigurationIssue[]) => string = (_, issues) =>
    issues.map(({ path, message }) => `${formatPath(path)} ${message}`).join('; '),
): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const issues = error.issues.map((issue) => ({ ...issue, path: [...prefix, ...issue.path] }));
    throw new ConfigurationError(describe(error, issues), issues, { cause: error.cause });
  }
}

/**
 * @param prefix path of `value`
 * @throws ConfigurationError for keys that are not known, with suggestions
 */
export function expectKnownKeys(
  what: string,
  value: object,
  known: readonly string[],
  prefix: ConfigurationPath = [],
): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const issues = unknown.map((key) => unknownKeyIssue([...prefix, key], closest(key, known), known));
  const texts = issues.map(({ path, message, suggestion }) =>
    withSuggestion(message.replace(unknownKey, `${unknownKey} ${JSON.stringify(path.at(-1))}`), suggestion),
  );
  throw new ConfigurationError(`${what}: ${texts.join('; ')}`, issues);
}

const unknownKey = 'unknown key';

/** The issue of a key that is not known. */
export function unknownKeyIssue(
  path: ConfigurationPath,
  suggestion: string | undefined,
  known: readonly string[],
): ConfigurationIssue {
  if (suggestion !== undefined) return { path, message: unknownKey, suggestion };
  return { path, message: `${unknownKey}, expected ${known.join(', ')}` };
}

/** The text of an issue at its path: `policy.mode: expected ...`. */
export function formatIssue({ path, message, suggestion }: ConfigurationIssue): string {
  return [formatPath(path), withSuggestion(message, suggestion)].filter(Boolean).join(': ');
}

function withSuggestion(message: string, suggestion: string | undefined): string {
  return suggestion === undefined ? message : `${message}, did you mean ${suggestion}?`;
}

/** A path as it is written in code: `domains[0]`, `idp.mapping.email`. */
export function formatPath(path: ConfigurationPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
