import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether the oracle is here. In CI its absence is an error: see {@link skipUnlessPresent}. */
export const hasXmllint: boolean = spawnSync('xmllint', ['--version']).status === 0;
/** As {@link hasXmllint}, for `python3` with the library behind xmllint. */
export const hasLibxml2: boolean = run('python3', [script()], '[]') === '[]';

/** Whether to skip a suite: locally where its oracle is absent, never in CI (`CI=true`), where it fails instead. */
export function skipUnlessPresent(present: boolean): boolean {
  return !present && process.env['CI'] !== 'true';
}

/**
 * Canonical forms of whole documents by `xmllint`, one after the other without anything between them. `xmllint` always
 * keeps comments, so the documents should have none.
 */
export function xmllint(method: 'inclusive' | 'exclusive', documents: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'saml-jit-c14n-'));
  try {
    const files = documents.map((document, i) => {
      const file = join(directory, `${i}.xml`);
      writeFileSync(file, document);
      return file;
    });
    const options = [method === 'exclusive' ? '--exc-c14n' : '--c14n', '--nonet'];
    return run('xmllint', [...options, ...files]) ?? '';
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** An element of a document to canonicalize as XML Signature does: what is below it, in the namespaces around it. */
export interface Subtree {
  readonly xml: string;
  /** Position of the element in document order; the root is 0. */
  readonly index: number;
  readonly exclusive: boolean;
  /** PrefixList; `#default` names the default namespace. */
  readonly prefixes: readonly string[];
}

/** Canonical forms of subtrees by libxml2; `null` where it failed. */
export function libxml2Subtrees(subtrees: readonly Subtree[]): readonly unknown[] {
  const answer: unknown = JSON.parse(run('python3', [script()], JSON.stringify(subtrees)) ?? 'null');
  if (!Array.isArray(answer)) throw new Error('libxml2 did not answer');
  return answer;
}

function script(): string {
  return fileURLToPath(new URL('./libxml2_subtrees.py', import.meta.url));
}

function run(command: string, args: readonly string[], input?: string): string | null {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...(input === undefined ? {} : { input }),
  });
  return status === 0 ? stdout.trimEnd() : null;
}
