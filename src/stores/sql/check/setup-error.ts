/** One reason why the tables and the options of a store do not fit together. */
export interface SetupIssue {
  /** The option: `['users', 'columns', 'role']`, say; empty where no option is concerned. */
  readonly path: readonly string[];
  /** Names the table and the column; where the database refused a statement, with its code and text. */
  readonly message: string;
  /** What to change. */
  readonly suggestion: string;
}

/**
 * The tables and the options of a store do not fit together. Thrown by `check` and `migrate` with every issue that was found.
 *
 * @example
 * ```ts
 * try {
 *   await check(pool, options);
 * } catch (error) {
 *   if (error instanceof DatabaseSetupError) for (const issue of error.issues) console.error(issue.message, issue.suggestion);
 *   process.exit(1);
 * }
 * ```
 */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError';
  readonly issues: readonly SetupIssue[];

  constructor(issues: readonly SetupIssue[], options: { readonly cause?: unknown } = {}) {
    const texts = issues.map(
      ({ path, message, suggestion }) => `- ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}; ${suggestion}`,
    );
    super(`the database does not fit the options of the store:\n${texts.join('\n')}`, options);
    this.issues = issues;
  }
}

/** The error for a statement of `migrate` that the database refused. */
export function refusedMigration(name: string, description: string, cause: unknown): DatabaseSetupError {
  const message = `the database refused the migration ${name}: ${description}`;
  return new DatabaseSetupError([{ path: [], message, suggestion: 'correct this and run migrate again' }], { cause });
}
