import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SamlError } from '../../src/errors.ts';
import { parseForm as parseBytes, samlFields } from '../../src/http/form.ts';

const parseForm = (text: string) => parseBytes(Buffer.from(text));

const hintOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof SamlError) return `${error.code}: ${error.hint}`;
    throw error;
  }
  return 'nothing was thrown';
};

describe('parseForm', () => {
  it('reads what a browser posts', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([name]) => name, maxLength: 30 }),
        (pairs) => {
          const posted = new URLSearchParams(pairs).toString();
          expect({ ...parseForm(posted) }).toEqual({ ...Object.fromEntries(pairs) });
        },
      ),
    );
  });

  it('keeps every value of a field that was sent more than once', () => {
    expect(parseForm('a=1&b=2&a=3&a=4')).toEqual(Object.assign(Object.create(null), { a: ['1', '3', '4'], b: '2' }));
  });

  it('reads names without value, and empty pieces', () => {
    expect({ ...parseForm('a&b=&&c=d=e&') }).toEqual({ a: '', b: '', '': '', c: 'd=e' });
  });

  it('has no field that was not sent', () => {
    expect(parseForm('a=1')['constructor']).toBeUndefined();
    expect(Object.getPrototypeOf(parseForm('__proto__=x'))).toBeNull();
  });

  it('refuses bad percent-encoding', () => {
    expect({ ...parseForm('a=%2B%2b+%c3%A9é') }).toEqual({ a: '++ éé' });
    for (const bad of ['%ff', '%', '%2', '%2g', '%C3', '%C0%80', '%ED%A0%80', 'a%+1']) {
      expect(hintOf(() => parseForm(`SAMLResponse=${bad}`))).toMatch(/^invalid_encoding: /);
    }
    expect(hintOf(() => parseBytes(Buffer.from([0x61, 0x3d, 0xff])))).toMatch(/^invalid_encoding: /);
  });

  it('refuses more than 32 fields', () => {
    expect(hintOf(() => parseForm('a&'.repeat(32)))).toBe('nothing was thrown');
    expect(hintOf(() => parseForm('a&'.repeat(33)))).toMatch(/^unexpected_message: .* more than 32 fields/);
  });

  it.each(['a', '+', 'A+', '%41', '%C3%A9', '&', '=', 'a=&', '%2B+'])(
    'parses 4 MB of %s in reasonable time',
    (piece) => {
      const body = Buffer.from(piece.repeat(4e6 / piece.length));
      expect(hintOf(() => parseBytes(body))).toMatch(/./);
    },
  );
});

describe('samlFields', () => {
  it('finds SAMLResponse and RelayState', () => {
    expect(samlFields({ SAMLResponse: 'x', RelayState: 'y', other: ['z'] })).toEqual({
      samlResponse: 'x',
      relayState: 'y',
    });
    expect(samlFields({ SAMLResponse: 'x' })).toEqual({ samlResponse: 'x', relayState: undefined });
  });

  it('refuses a form without SAMLResponse', () => {
    for (const form of [{}, { samlresponse: 'x' }, Object.create({ SAMLResponse: 'x' })]) {
      expect(hintOf(() => samlFields(form))).toMatch(/^unexpected_message: .* no field SAMLResponse/);
    }
  });

  it('refuses a field that was sent more than once or as an object', () => {
    for (const twice of [['x', 'x'], ['x'], { a: 'x' }, null]) {
      expect(hintOf(() => samlFields({ SAMLResponse: twice }))).toMatch(
        /^unexpected_message: .* SAMLResponse .* more than once/,
      );
      expect(hintOf(() => samlFields({ SAMLResponse: 'x', RelayState: twice }))).toMatch(
        /^unexpected_message: .* RelayState/,
      );
    }
  });
});
