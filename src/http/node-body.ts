import type { IncomingMessage } from 'node:http';

/** The client closed the connection before it had sent the whole body: no response can be sent. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted';
}

/**
 * Reads the body of a request up to `limit` bytes. The `requestTimeout` of the server limits how long a client may take.
 *
 * @throws RangeError for a larger body; the rest is not read
 * @throws RequestAborted
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // destroyOnReturn would close the socket that the response needs.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limit) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new RequestAborted('the request was aborted', { cause });
  }
  if (bytes > limit) throw tooLarge(limit);
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): RangeError {
  return new RangeError(`the body has more than ${limit} bytes`);
}
