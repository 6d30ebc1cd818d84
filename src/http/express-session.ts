import type { Request, Response } from 'express';
import type { SetupWarning } from './warn-once.ts';

/** A login whose hook is about to be called. */
interface WatchedLogin {
  readonly req: Request;
  readonly res: Response;
  /** Set-Cookie values of the library. */
  readonly ownCookies: readonly string[];
  readonly warn: (setup: SetupWarning) => void;
}

/** Milliseconds after the response within which a session store may still replace the session. */
const lateMilliseconds = 1000;

/**
 * Warns if the response to a login opened no session: it set no cookie and changed no session, or the session was
 * replaced after it. Outside production only.
 *
 * @returns a function to call when the hook has ended, before the default answer
 */
export function watchSession({ req, res, ownCookies, warn }: WatchedLogin): () => void {
  if (process.env['NODE_ENV'] === 'production') return () => undefined;
  const before = sessionOf(req);
  let ended: SessionState | undefined;
  res.once('finish', () => {
    const sent = ended ?? sessionOf(req);
    const cookies = [res.getHeader('Set-Cookie') ?? []].flat().map(String);
    const opened =
      cookies.some((cookie) => !ownCookies.includes(cookie)) ||
      sent.content === undefined ||
      sent.content !== before.content;
    // A response with a body may contain a token instead.
    const redirects = res.statusCode >= 300 && res.statusCode < 400;
    if (redirects && !opened) return warn(noSession('The answer set no cookie and changed no session.'));
    if (sent.id === undefined) return;
    setTimeout(() => {
      if (sessionOf(req).id !== sent.id) warn(noSession('The session was replaced after the answer had been sent.'));
    }, lateMilliseconds).unref();
  });
  return () => {
    ended = sessionOf(req);
  };
}

interface SessionState {
  readonly id: unknown;
  readonly content: string | undefined;
}

/** Reads ID and content of a session of express-session or cookie-session. */
function sessionOf(req: Request): SessionState {
  const session = 'session' in req ? req.session : undefined;
  const id = 'sessionID' in req ? req.sessionID : undefined;
  try {
    return { id, content: JSON.stringify([id, { ...Object(session), cookie: null }]) };
  } catch {
    return { id, content: undefined };
  }
}

function noSession(problem: string): SetupWarning {
  return {
    warning: 'no_session_cookie',
    hint: `${problem} The user is not signed in to the application. Open a session in onLogin, and return a promise where that takes a callback: await new Promise((resolve, reject) => req.session.regenerate((error) => (error ? reject(error) : resolve()))). Ignore this if your sessions need no cookie.`,
  };
}
