import { printable } from '../lib/quote.ts';
import { matchRoute } from './routes.ts';
import type { SetupWarning } from './warn-once.ts';

/** Where a request arrived in the application. */
export interface Arrival {
  /** Path at which the router is mounted; empty at the root. */
  readonly mountPath: string;
  /** Path below that. */
  readonly path: string;
}

/**
 * Detects a router that is mounted too high, as with `app.use(ssoRouter(...))`: it does not serve the path, although the
 * path consists of the end of `baseUrl` and a route.
 */
export function unservedWarning(basePath: string, { mountPath, path }: Arrival): SetupWarning | null {
  const segments = path.split('/');
  const isNamed = [1, 2].some((length) => {
    const prefix = segments.slice(0, -length).join('/');
    return prefix !== '' && basePath.endsWith(prefix) && matchRoute(`/${segments.slice(-length).join('/')}`) !== null;
  });
  if (!isNamed) return null;
  return mismatch(
    `A request for ${JSON.stringify(printable(`${mountPath}${path}`))} arrived at the router, which is mounted at ${JSON.stringify(mountPath || '/')} and does not serve it.`,
  );
}

/**
 * Detects a router that is mounted at another path than that of `baseUrl`, to which identity providers post. A proxy may
 * remove or add a prefix; then one path ends with the other.
 */
export function mountWarning(basePath: string, { mountPath }: Arrival): SetupWarning | null {
  const expected = basePath === '/' ? '' : basePath;
  if (expected.endsWith(mountPath) || mountPath.endsWith(expected)) return null;
  return mismatch(
    `The router is mounted at ${JSON.stringify(printable(mountPath))}, and identity providers post to ${JSON.stringify(`${expected}/acs`)}, the path of baseUrl. Unless a proxy rewrites that, their responses do not arrive.`,
  );
}

function mismatch(problem: string): SetupWarning {
  return { warning: 'path_mismatch', hint: `${problem} Mount it with app.use(sso.basePath, ssoRouter(sso, ...)).` };
}

/**
 * Detects that a body parser in front of the router failed at a posted response.
 *
 * @param problem the parser's error, e.g. `entity.too.large`
 */
export function parserFailureWarning(
  { method, path }: { readonly method: string; readonly path: string },
  problem: string,
): SetupWarning | null {
  const isResponse = method === 'POST' && matchRoute(path)?.name === 'acs';
  return isResponse ? parserWarning(`failed (${problem})`) : null;
}

/** A body parser in front of the router has read the form. `problem` says what was wrong then. */
export function parserWarning(problem: string): SetupWarning {
  return {
    warning: 'form_parsed_before',
    hint: `A body parser in front of the router read the form with the response, and ${problem}. Mount the router before express.urlencoded() and other body parsers; or raise the limit of the parser to at least bodyLimitBytes, and let it set req.body.`,
  };
}
