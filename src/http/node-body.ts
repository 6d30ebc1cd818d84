import type { IncomingMessage } from 'node:http';
import { formTooLarge } from './form.ts';

/** The client went away before it had sent everything: there is nobody to answer. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted';
}

/**
 * Reads a request's body up to `limit` bytes. How long a client may take is the server's `requestTimeout`.
 * @throws SamlError `message_too_large`, leaving the rest unread
 * @throws RequestAborted
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length']) > limit) throw formTooLarge(limit);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // destroyOnReturn would close the socket that the answer needs.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limit) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new RequestAborted('the request was aborted', { cause });
  }
  if (bytes > limit) throw formTooLarge(limit);
  return Buffer.concat(chunks);
}
