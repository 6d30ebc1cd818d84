import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A server on loopback. */
export interface Listening {
  /** `http://localhost:port`: the same site as an application on `localhost`, which its Lax cookies need. */
  readonly url: string;
  /** Closes open connections too. */
  close(): Promise<void>;
}

/**
 * Serves a fetch handler over HTTP, on loopback only.
 *
 * @param port 0 selects a free one
 */
export async function listen(handle: (request: Request) => Promise<Response>, port: number): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    toRequest(incoming)
      .then(handle)
      .then(async (response) => {
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        outgoing.end(Buffer.from(await response.arrayBuffer()));
      })
      .catch((error: unknown) => outgoing.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, 'localhost', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://localhost:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/', headers } = incoming;
  const target = new URL(url, `http://${headers.host ?? 'localhost'}`);
  const type = { 'Content-Type': headers['content-type'] ?? '' };
  return method === 'POST'
    ? new Request(target, { method, headers: type, body: new Uint8Array(await buffer(incoming)) })
    : new Request(target, { method });
}
