import punycode from 'node:punycode';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicMailDomain } from '../../src/connections/public-mail-domains.ts';
import { inDomains, normalizeEmail, parseEmail } from '../../src/provisioning/email.ts';

describe('rule email-address: e-mail addresses', () => {
  test.each([
    ['alice@acme.example', 'alice@acme.example', 'acme.example'],
    ['Alice.Adams@ACME.example', 'alice.adams@acme.example', 'acme.example'],
    ['alice+x@acme.example', 'alice+x@acme.example', 'acme.example'],
    ['jürgen@bücher.example', 'jürgen@xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['a@Bücher.example', 'a@xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['a@straße.example', 'a@xn--strae-oqa.example', 'xn--strae-oqa.example'],
    ['a@strasse.example', 'a@strasse.example', 'strasse.example'],
    ['a@βόλος.example', 'a@xn--nxasmm1c.example', 'xn--nxasmm1c.example'],
    ['a@123.example', 'a@123.example', '123.example'],
    ['a@XN--BCHER-KVA.example', 'a@xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ["o'neil_1-2@a-b.example", "o'neil_1-2@a-b.example", 'a-b.example'],
    ['root@localhost', 'root@localhost', 'localhost'],
    [`${'a'.repeat(64)}@acme.example`, `${'a'.repeat(64)}@acme.example`, 'acme.example'],
  ])('%s is a valid address', (text, key, domain) => {
    expect(parseEmail(text)).toEqual({ text, key, domain });
  });

  test('surrounding white space is not part of the address', () => {
    expect(parseEmail('\n  Alice@acme.example\t')).toMatchObject({
      text: 'Alice@acme.example',
      key: 'alice@acme.example',
    });
  });

  test.each([
    ['empty', ''],
    ['no @', 'alice'],
    ['two @', 'a@b@acme.example'],
    ['no local part', '@acme.example'],
    ['no domain', 'alice@'],
    ['trailing dot', 'alice@acme.example.'],
    ['ideographic full stop at the end', 'alice@acme.example\u3002'],
    ['empty label', 'alice@acme..example'],
    ['leading hyphen', 'alice@-acme.example'],
    ['percent-encoding', 'alice@ac%6De.example'],
    ['address literal', 'alice@[127.0.0.1]'],
    ['IPv4 address', 'alice@127.0.0.1'],
    ['short IPv4 address', 'alice@127.1'],
    ['hexadecimal IPv4 address', 'alice@0x7f.1'],
    ['port', 'alice@acme.example:25'],
    ['underscore in the domain', 'alice@ac_me.example'],
    ['invalid punycode', 'alice@xn--a.example'],
    ['inner space', 'al ice@acme.example'],
    ['no-break space', 'al\u00A0ice@acme.example'],
    ['NUL', 'alice\0@acme.example'],
    ['line break', 'alice@acme.example\nbcc:x'],
    ['zero-width space', 'al\u200Bice@acme.example'],
    ['soft hyphen in the domain', 'alice@ac\u00ADme.example'],
    ['zero-width joiner in the domain', 'alice@\u0915\u094D\u200D\u0937.example'],
    ['zero-width non-joiner in the domain', 'alice@ac\u200Cme.example'],
    ['full-width letter in the domain', 'alice@\uFF41cme.example'],
    ['letterlike symbol in the domain', 'alice@acm\u212F.example'],
    ['Kelvin sign in the domain', 'alice@\u212Aiosk.example'],
    ['ideographic full stop', 'alice@acme\u3002example'],
    ['full-width full stop', 'alice@acme\uFF0Eexample'],
    ['half-width ideographic full stop', 'alice@acme\uFF61example'],
    ['capital sharp s, which maps to ss', 'alice@stra\u1E9Ee.example'],
    ['a capital letter that is not ASCII', 'alice@B\u00DCCHER.example'],
    ['a decomposed letter', 'alice@bu\u0308cher.example'],
    ['a ligature', 'alice@of\uFB01ce.example'],
    ['full-width @', 'alice\uFF20acme.example'],
    ['punycode of ASCII', 'alice@xn--acme-.example'],
    ['right-to-left override', 'alice\u202E@acme.example'],
    ['Hangul filler', 'al\u3164ice@acme.example'],
    ['variation selector', 'alice\uFE0F@acme.example'],
    ['blank Braille pattern', 'al\u2800ice@acme.example'],
    ['display name', 'Alice <alice@acme.example>'],
    ['quoted local part', '"alice"@acme.example'],
    ['list', 'alice@acme.example,bob@acme.example'],
    ['long local part', `${'a'.repeat(65)}@acme.example`],
    ['long local part in octets', `${'ü'.repeat(33)}@acme.example`],
    ['long domain', `a@${'a.'.repeat(130)}example`],
    ['long label', `a@${'a'.repeat(64)}.example`],
  ])('%s is refused', (_, text) => {
    expect(parseEmail(text)).toBeNull();
    expect(normalizeEmail(text)).toBeNull();
  });

  test('only ASCII letters are case-insensitive: a Kelvin sign is not k, a dotless i is not i', () => {
    expect(normalizeEmail('\u212Aim@acme.example')).not.toBe(normalizeEmail('kim@acme.example'));
    expect(normalizeEmail('al\u0131ce@acme.example')).not.toBe(normalizeEmail('alice@acme.example'));
    expect(normalizeEmail('KIM@acme.example')).toBe(normalizeEmail('kim@acme.example'));
  });

  const local = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+./=?^_`{|}~-]{1,20}$/);
  const domain = fc.domain();

  test('a key is its own key, and survives any change of case', () => {
    fc.assert(
      fc.property(local, domain, (user, host) => {
        const key = normalizeEmail(`${user}@${host}`);
        expect(key).not.toBeNull();
        expect(normalizeEmail(key ?? '')).toBe(key);
        expect(normalizeEmail(`${user.toUpperCase()}@${host.toUpperCase()}`)).toBe(key);
      }),
    );
  });

  test('two local parts that differ beyond ASCII case never share a key', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
    const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    fc.assert(
      fc.property(word, word, (a, b) => {
        fc.pre(folded(a) !== folded(b));
        const key = normalizeEmail(`${a}@acme.example`);
        expect(key === null || key !== normalizeEmail(`${b}@acme.example`)).toBe(true);
      }),
    );
  });

  test('addresses of one key differ in ASCII case, and in U-label or A-label of the domain, and in nothing else', () => {
    const lookAlikes: Readonly<Record<string, readonly string[]>> = {
      a: ['\uFF41', '\u0430', '\u1D43', 'A'],
      e: ['\u212F', '\u0435', 'E', '\u00E9', 'e\u0301'],
      k: ['\u212A', 'K'],
      s: ['\u00DF', '\u1E9E', '\u017F', 'ss', 'S'],
      '\u00FC': ['u\u0308', '\u00DC'],
      '\u03C3': ['\u03C2', '\u03A3'],
      '.': ['\u3002', '\uFF0E', '\uFF61', '.\u00AD'],
      '-': ['\u00AD', '\u200D', '\u200C', '\u2010', ''],
    };
    const letter = fc.constantFrom(...Object.keys(lookAlikes));
    const label = fc.string({ unit: letter, minLength: 1, maxLength: 5 });
    const address = fc
      .tuple(label, fc.oneof(label, fc.constantFrom('xn--bcher-kva', 'b\u00FCcher', 'xn--nxasmm1c')))
      .map(([local, host]) => `${local}@${host}.example`);
    const altered = address.chain((text) =>
      fc.tuple(
        fc.constant(text),
        fc.tuple(...[...text].map((each) => fc.constantFrom(each, each, each, each, ...(lookAlikes[each] ?? [])))),
      ),
    );
    let same = 0;
    const compare = (one: string, other: string): void => {
      const key = normalizeEmail(one);
      if (key === null || key !== normalizeEmail(other)) return;
      same += 1;
      const canonical = (text: string) => {
        const folded = text.replace(/[A-Z]/g, (each) => each.toLowerCase());
        const at = folded.indexOf('@');
        // Independent of the code under test: the punycode of each label, without any mapping.
        const labels = folded.slice(at + 1).split('.');
        return `${folded.slice(0, at)}@${labels.map((each) => (/[^\0-\x7F]/.test(each) ? `xn--${punycode.encode(each)}` : each)).join('.')}`;
      };
      expect(canonical(one)).toBe(canonical(other));
    };
    fc.assert(
      fc.property(altered, ([text, letters]) => compare(text, letters.join(''))),
      { numRuns: 5000 },
    );
    const aLabel = (text: string) => text.replaceAll('b\u00FCcher', 'xn--bcher-kva');
    fc.assert(
      fc.property(address, (text) => compare(text, aLabel(text).toUpperCase())),
      { numRuns: 1000 },
    );
    expect(same).toBeGreaterThan(200);
  });

  test('any text is either refused, or has a key with one @ and an ASCII domain', () => {
    const point = fc.oneof(
      fc.constantFrom('.', '-', 'a', 'Z'),
      fc.integer({ min: 0, max: 0x10ffff }).map((n) => String.fromCodePoint(n)),
    );
    const text = fc.string({ unit: point, maxLength: 6 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const key = normalizeEmail(`${a}@${b}`);
        if (key !== null) expect(key).toMatch(/^[^@\s]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/);
      }),
      { numRuns: 2000 },
    );
  });

  // That they come to an end, not how soon: up to 1,000 characters only a clock could detect a quadratic pattern.
  test.each([' ', '\t\r\n', 'a', '.', 'a.', '@', '-'])(
    'thousands of long values of %j are parsed in reasonable time',
    (unit) => {
      const values = [`a${unit.repeat(1000)}`.slice(0, 999), `a${unit.repeat(500_000)}`].map((each) => `${each}a`);
      for (let i = 0; i < 2000; i++) expect(values.map(parseEmail)).toEqual([null, null]);
    },
  );
  test('surrounding white space counts towards the limit of 1,000 characters', () => {
    const address = 'alice@acme.example';
    expect(parseEmail(address.padEnd(1000))?.text).toBe(address);
    expect(parseEmail(address.padStart(1000))?.text).toBe(address);
    expect(parseEmail(address.padEnd(1001))).toBeNull();
  });
});

describe('rule verified-domains: domains', () => {
  test('an address is inside its own domain, in any spelling', () => {
    expect(inDomains('Alice@ACME.example', ['other.example', 'acme.example'])).toBe(true);
    expect(inDomains('a@Bücher.example', ['xn--bcher-kva.example'])).toBe(true);
  });
  test.each([
    'alice@sub.acme.example',
    'alice@notacme.example',
    'alice@acme.example.evil.example',
    'alice',
    'alice@acme.exampl\u0435',
    'alice@\uFF41cme.example',
    'alice@acm\u212F.example',
    'alice@acme\u3002example',
  ])('%s is outside acme.example', (email) => {
    expect(inDomains(email, ['acme.example'])).toBe(false);
  });
  test('without verified domains every address is outside', () => {
    expect(inDomains('alice@acme.example', [])).toBe(false);
  });
  test('public mail domains are recognized', () => {
    expect(
      ['gmail.com', 'outlook.com', 'qq.com', 'yopmail.com'].filter((domain) => !isPublicMailDomain(domain)),
    ).toEqual([]);
    expect(['acme.example', 'mail.gmail.com.acme.example', ''].filter(isPublicMailDomain)).toEqual([]);
  });
});
