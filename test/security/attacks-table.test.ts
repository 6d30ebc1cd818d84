import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { forgeries } from '../../src/testing/attack/catalogue.ts';

/** Every row that docs/security/attacks.md must have. */
const catalogue = {
  'A. Signature wrapping':
    'XSW1 XSW2 XSW3 XSW4 XSW5 XSW6 XSW7 XSW8 XSW9 XSW-10 XSW-ADV XSW-ENC XSW-OBJ XSW-DECOY XSW-REL REU-1 RDB-1 REO-1',
  'B. The structure of signatures':
    'SIG-1 SIG-2 SIG-3 SIG-4 SIG-5 SIG-6 SIG-7 SIG-8 SIG-9 REF-1 REF-2 REF-3 REF-4 REF-5 IDA-1 IDA-2 TRF-1 TRF-2 ' +
    'C14-1 C14-2 C14-3 C14-4 C14-5 C14-6 ALG-1 ALG-2 ALG-3 ALG-4 ALG-5 ALG-6 KEY-1 KEY-2 KEY-3 KEY-4 KEY-5',
  'C. What parsers see differently':
    'PRS-1 PRS-2 PRS-3 PRS-4 PRS-5 PRS-6 PRS-7 PRS-8 PRS-9 TXT-1 TXT-2 TXT-3 TXT-4 TXT-5 B64-1 B64-2 PRO-1 LOG-1',
  'D. Document types and floods': 'DTD-1 DTD-2 DTD-3 DOS-1 DOS-2 DOS-3 DOS-4 DOS-5 DOS-6 DOS-7',
  'E. Encryption': 'ENC-1 ENC-2 ENC-3 ENC-4 ENC-5 ENC-6 ENC-7 ENC-8',
  'F. What the message means':
    'STA-1 AUD-1 AUD-2 AUD-3 RCP-1 DST-1 TIM-1 TIM-2 TIM-3 TIM-4 TIM-5 CON-1 SCF-1 IRT-1 REP-1 ISS-1 ISS-2 ISS-3 ' +
    'MUL-1 NAM-1 NAM-2 NAM-3 NAM-4 ATT-1 ATN-1 VER-1 REL-1 UNS-3',
  'G. Redirects, logout, metadata': 'RDR-1 RDR-2 RDR-3 RDR-4 LOG-O1 MD-1 MD-2 INJ-1 CFG-1 TIM-S',
  'H. Browsers and anonymous callers': 'BRO-1 BRO-2 BRO-3 BRO-4',
};
const expected = Object.values(catalogue).flatMap((ids) => ids.split(' '));

interface Row {
  readonly id: string;
  readonly sent: string;
  readonly does: string;
  readonly forgeries: readonly string[];
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/security/attacks.md', root), 'utf8');
const rows: readonly Row[] = [...page.matchAll(/^\| ([A-Z][A-Z0-9-]*) \|(.*)\|$/gm)].map(([, id = '', cells = '']) => {
  const [sent = '', does = '', forged = '', tested = '', ...more] = cells.split('|').map((cell) => cell.trim());
  if (more.length > 0) throw new Error(`${id} has too many cells`);
  return {
    id,
    sent,
    does,
    forgeries: [...forged.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    tests: tested.split(/; (?=`test)/).flatMap((part) => {
      if (part === '') return [];
      const [, file, titles] = /^`(test\/[\w/.-]+)`: (.+)$/.exec(part) ?? [];
      if (file === undefined || titles === undefined) throw new Error(`${id}: ${part}`);
      return titles.split('", "').map((title) => ({ file, title: title.replace(/^"|"$/g, '') }));
    }),
  };
});

describe('the table of attacks', () => {
  it('has every row of the catalogue, each once and in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(expected);
  });

  it.each(rows)('$id describes the message, the result and the tests', (row) => {
    expect(row.sent).toMatch(/^[A-Z].*\.(?: \*CVE-[\d, CVE-]+\*)?$/);
    expect(row.does).toMatch(/^[A-Z`].*\.$/);
    expect(row.tests.length).toBeGreaterThan(0);
  });

  it.each(rows)('$id names tests that exist', ({ tests }) => {
    for (const { file, title } of tests) {
      expect(existsSync(new URL(file, root)), file).toBe(true);
      // As a title is written: in quotes of its own, alone or as the first of a row of cases.
      const source = readFileSync(new URL(file, root), 'utf8');
      const written = [`'${title}'`, `"${title}"`, `\`${title}\``].some((literal) => source.includes(literal));
      expect(written, `${file}: ${title}`).toBe(true);
    }
  });

  it.each(rows)('$id names its forgeries', ({ id, forgeries: named }) => {
    const known = forgeries.map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining([...named]));
    const own = forgeries.filter(({ row }) => row === id).map(({ name }) => name);
    expect(named).toEqual(expect.arrayContaining(own));
  });

  it('contains every forgery', () => {
    expect(expected).toEqual(expect.arrayContaining([...new Set(forgeries.map(({ row }) => row))]));
  });
});
