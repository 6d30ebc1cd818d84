import { type FormFields, formTooLarge, parseForm } from './form.ts';
import type { HttpRequest } from './types.ts';

/**
 * Reads the posted form of a request: the fields or bytes of a body parser in front, if it has SAMLResponse or bytes;
 * otherwise the body.
 *
 * @param onConsumed called if a parser in front has read the body and left nothing
 * @throws SamlError `message_too_large` for more than `limit` bytes; and as {@link parseForm}
 */
export async function readForm(request: HttpRequest, limit: number, onConsumed: () => void): Promise<FormFields> {
  const { parsedBody } = request;
  if (parsedBody instanceof Uint8Array) {
    if (parsedBody.length > limit) throw formTooLarge(limit);
    return parseForm(parsedBody);
  }
  const parsed: FormFields = typeof parsedBody === 'object' && parsedBody !== null ? { ...parsedBody } : {};
  if (Object.hasOwn(parsed, 'SAMLResponse')) return parsed;
  const body = await readBody(request, limit);
  // An adapter may ignore the limit.
  if (body.length > limit) throw formTooLarge(limit);
  if (body.length > 0) return parseForm(body);
  if (Object.keys(parsed).length === 0 && hasBody(request)) onConsumed();
  return parsed;
}

async function readBody(request: HttpRequest, limit: number): Promise<Uint8Array> {
  try {
    return await request.body(limit);
  } catch (error) {
    throw error instanceof RangeError ? formTooLarge(limit) : error;
  }
}

/** Whether the headers announce a body (RFC 9112, 6.3). */
function hasBody(request: HttpRequest): boolean {
  const length = request.header('content-length');
  return length === undefined ? request.header('transfer-encoding') !== undefined : length !== '0';
}
