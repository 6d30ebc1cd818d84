import type { Request } from 'express';
import { printable } from '../lib/quote.ts';
import { matchRoute } from './routes.ts';
import type { SetupWarning } from './warn-once.ts';

/** Where a request arrived, as Express tells. */
type Arrival = Pick<Request, 'path' | 'baseUrl' | 'originalUrl'>;

/**
 * A request for a path that the router does not serve, although the end of `baseUrl` and a route make it up: the router is
 * mounted too high, as with `app.use(ssoRouter(...))`.
 */
export function unservedWarning(basePath: string, { path, baseUrl }: Arrival): SetupWarning | null {
  const segments = path.split('/');
  const isNamed = [1, 2].some((length) => {
    const prefix = segments.slice(0, -length).join('/');
    return prefix !== '' && basePath.endsWith(prefix) && matchRoute(`/${segments.slice(-length).join('/')}`) !== null;
  });
  if (!isNamed) return null;
  return mismatch(
    `A request for ${JSON.stringify(printable(`${baseUrl}${path}`))} arrived at the router, which is mounted at ${JSON.stringify(baseUrl || '/')} and does not serve it.`,
  );
}

/**
 * A request that the router serves at another path than that of `baseUrl`, to which identity providers post. A proxy may
 * remove or add a prefix; then one path ends with the other.
 */
export function mountWarning(basePath: string, { baseUrl }: Arrival): SetupWarning | null {
  const expected = basePath === '/' ? '' : basePath;
  if (expected.endsWith(baseUrl) || baseUrl.endsWith(expected)) return null;
  return mismatch(
    `The router is mounted at ${JSON.stringify(printable(baseUrl))}, and identity providers post to ${JSON.stringify(`${expected}/acs`)}, the path of baseUrl. Unless a proxy rewrites that, their responses do not arrive.`,
  );
}

function mismatch(problem: string): SetupWarning {
  return { warning: 'path_mismatch', hint: `${problem} Mount it with app.use(sso.basePath, ssoRouter(sso, ...)).` };
}

/** A body parser in front of the router consumed the form. */
export function parserWarning(what: string): SetupWarning {
  return {
    warning: 'form_parsed_before',
    hint: `A body parser in front of the router read the form with the response, and ${what}. Mount the router before express.urlencoded() and other body parsers; or raise the limit of the parser to at least bodyLimitBytes, and let it set req.body.`,
  };
}

/** Whether an error is one of body-parser, such as `entity.too.large`. */
export function isParserError(error: unknown): error is { readonly type: string } {
  if (typeof error !== 'object' || error === null || !('type' in error) || typeof error.type !== 'string') return false;
  return /^(?:charset|encoding|entity|parameters|querystring|request|stream)\./.test(error.type);
}
