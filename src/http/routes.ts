/** A route of the service provider. */
export interface Route {
  readonly name: 'login' | 'acs' | 'metadata';
  readonly connectionId: string | undefined;
}

const names: readonly Route['name'][] = ['login', 'acs', 'metadata'];

/** Finds the route of a path below the mount point; `null` for any other path. */
export function matchRoute(path: string): Route | null {
  const [, segment, encodedId] = /^\/([a-z]+)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  const name = names.find((known) => known === segment);
  if (name === undefined || (name === 'login' && encodedId !== undefined)) return null;
  try {
    return { name, connectionId: encodedId === undefined ? undefined : decodeURIComponent(encodedId) };
  } catch {
    return null;
  }
}
