import type { ServerResponse } from 'node:http';

/**
 * Adds Set-Cookie headers, and adds them again right before the headers are sent if they are missing then: a hook of the
 * application may replace all Set-Cookie headers, with `res.set`, `res.removeHeader` or `res.writeHead`.
 */
export function keepCookies(res: ServerResponse, cookies: readonly string[]): void {
  if (cookies.length === 0) return;
  for (const cookie of cookies) res.appendHeader('Set-Cookie', cookie);
  const send = res.writeHead.bind(res) as (...args: readonly unknown[]) => ServerResponse;
  const writeHead = (...args: readonly unknown[]): ServerResponse => {
    const [headers] = args.slice(-1);
    const isHeaders = typeof headers === 'object' && headers !== null;
    // Headers that are passed to writeHead replace those of the same name.
    if (isHeaders) for (const [name, value] of entriesOf(headers)) res.setHeader(name, value);
    const present = [res.getHeader('Set-Cookie') ?? []].flat().map(String);
    for (const cookie of cookies) if (!present.includes(cookie)) res.appendHeader('Set-Cookie', cookie);
    return send(...(isHeaders ? args.slice(0, -1) : args));
  };
  Object.assign(res, { writeHead });
}

type Entry = readonly [name: string, value: string | number | readonly string[]];

/** The headers of `writeHead`: an object, or a flat list of names and values. */
function entriesOf(headers: object): Entry[] {
  if (!Array.isArray(headers)) return Object.entries(headers).filter(([, value]) => value !== undefined);
  const merged = new Map<string, string[]>();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = String(headers[index]).toLowerCase();
    merged.set(name, [...(merged.get(name) ?? []), ...[headers[index + 1]].flat().map(String)]);
  }
  return [...merged];
}
