import { describe, expect, it } from 'vitest';
import { readForm } from '../../src/http/read-form.ts';
import type { HttpRequest } from '../../src/http/types.ts';

const form = { SAMLResponse: 'PHNhbWw+' };

function request(body: string, parsedBody?: unknown, headers: Record<string, string> = {}): HttpRequest {
  const sent = new Map(Object.entries({ 'content-length': '100', ...headers }));
  return {
    method: 'POST',
    path: '/acs',
    query: '',
    header: (name) => sent.get(name),
    body: async () => Buffer.from(body),
    parsedBody,
  };
}

async function read(posted: HttpRequest, limit = 1000) {
  let consumed = 0;
  const fields = await readForm(posted, limit, () => consumed++);
  return { fields: { ...fields }, consumed };
}

describe('readForm', () => {
  it.each([
    ['the body', request('SAMLResponse=PHNhbWw%2B')],
    ['the body behind a parser for another type, which left an empty object', request('SAMLResponse=PHNhbWw%2B', {})],
    ['the fields of a parser', request('', form)],
    ['the bytes of a parser', request('', Buffer.from('SAMLResponse=PHNhbWw%2B'))],
    ['the fields of a parser that did not read the body', request('SAMLResponse=other', form)],
  ])('reads %s', async (_what, posted) => {
    expect(await read(posted)).toEqual({ fields: form, consumed: 0 });
  });

  it('refuses bytes of a parser over the limit, and reads bytes at the limit', async () => {
    const posted = request('', Buffer.from('SAMLResponse=a'));
    expect((await read(posted, 14)).fields).toEqual({ SAMLResponse: 'a' });
    await expect(read(posted, 13)).rejects.toMatchObject({
      code: 'message_too_large',
      message: 'the SAML message exceeds a size limit',
      hint: 'The posted form is larger than 13 bytes. Raise bodyLimitBytes together with limits.bytes.',
    });
  });

  it('enforces the limit if an adapter does not', async () => {
    const posted = { ...request(''), body: async () => Buffer.from('SAMLResponse=a') };
    expect((await read(posted, 14)).fields).toEqual({ SAMLResponse: 'a' });
    await expect(read(posted, 13)).rejects.toMatchObject({ code: 'message_too_large' });
  });

  it.each([
    ['a parser that left nothing', request(''), 1],
    ['a parser that left an empty object', request('', {}), 1],
    ['a parser that left nothing of a chunked body', request('', {}, { 'transfer-encoding': 'chunked' }), 1],
    ['an empty body', request('', undefined, { 'content-length': '0' }), 0],
    ['a parser that found other fields', request('', { SAMLRequest: 'a' }), 0],
  ])('reports %s', async (_what, posted, times) => {
    expect((await read(posted)).consumed).toBe(times);
  });

  it('does not report a request without a body', async () => {
    const posted = { ...request(''), header: () => undefined };
    expect((await read(posted)).consumed).toBe(0);
  });
});
