import { channel } from 'node:diagnostics_channel';
import type { SamlError, SamlErrorCode } from '../errors.ts';
import type { RejectReason } from '../provisioning/reject.ts';
import type { FieldChange, Identity } from '../provisioning/user-store.ts';

/**
 * Something that an operator may want to log, or the application must act on. Never carries a secret or the raw message;
 * `changes`, `identity` and hints hold personal data.
 */
export type SsoEvent = { readonly at: Date } & SsoEventBody;

/** An event without its time. */
export type SsoEventBody =
  /** Somebody signed in. */
  | {
      readonly type: 'login';
      readonly outcome: 'created' | 'updated' | 'unchanged';
      readonly connectionId: string;
      readonly organizationId: string;
      readonly assertionId: string;
      readonly userId: string;
      readonly identity: Identity;
      readonly changes: readonly FieldChange[];
      readonly notes: readonly string[];
    }
  /** Policy refused a person whom the identity provider vouched for. */
  | {
      readonly type: 'rejected';
      readonly reason: RejectReason;
      readonly connectionId: string;
      readonly organizationId: string;
      readonly assertionId: string;
      /** `null`: refused before anybody was looked up. */
      readonly identity: Identity | null;
      readonly hint: string;
      /** What the end user was shown, such as `K7QX-M2RD`. */
      readonly reference: string;
    }
  /** A login that started at the identity provider was answered with a request. */
  | {
      readonly type: 'restarted';
      readonly connectionId: string;
      readonly organizationId: string;
      readonly assertionId: string;
    }
  /** No login could begin: `beginLogin` resolved to `unavailable`. */
  | {
      readonly type: 'unavailable';
      /** More exact than what `beginLogin` tells: a page must not show the difference. */
      readonly reason:
        | 'no_connection'
        | 'choose_connection'
        | 'sso_not_in_plan'
        | 'connection_disabled'
        | 'connection_invalid';
      /** `null`, like the next: none was found, or several. */
      readonly connectionId: string | null;
      readonly organizationId: string | null;
      readonly hint: string;
      /** What the end user was shown, such as `K7QX-M2RD`. */
      readonly reference: string;
    }
  /** A message that cannot be trusted, a connection that cannot be used, or a store that failed: nobody was signed in. */
  | {
      readonly type: 'failed';
      /** `null`, like the next: not known when it failed. */
      readonly connectionId: string | null;
      readonly organizationId: string | null;
      /** Of a message that was found good, for it was replayed or a store failed; else `null`. */
      readonly assertionId: string | null;
      readonly code: SamlErrorCode;
      readonly hint: string;
      readonly details: Readonly<Record<string, unknown>>;
      /** What the end user was shown, such as `K7QX-M2RD`. */
      readonly reference: string;
      /** With its cause; `JSON.stringify` leaves its message, cause and stack out. */
      readonly error: SamlError;
      /** It may be an attack: alert somebody. */
      readonly security: boolean;
    }
  /** The login goes on, and something should be mended. */
  | { readonly type: 'warning'; readonly connectionId: string | null; readonly warning: string; readonly hint: string }
  /** An account was suspended, removed or restored through `sso`. End the sessions of a suspended or removed person. */
  | {
      readonly type: 'suspended' | 'removed' | 'restored';
      readonly userId: string;
      /** `null`: the caller named none, and the store cannot tell. */
      readonly organizationId: string | null;
      /** Who did it, as the caller named them. */
      readonly by: string | null;
    };

// Found once: a channel that nobody refers to may be collected, and would come back without its subscribers.
const events = channel('saml-jit:event');

/**
 * Makes the function that tells `onEvent`, and the subscribers of the diagnostics channel `saml-jit:event`, of an event.
 * It never throws, whatever they do.
 */
export function eventStream(
  onEvent: ((event: SsoEvent) => void) | undefined,
  now: () => Date,
): (event: SsoEventBody) => void {
  return (body) => {
    if (onEvent === undefined && !events.hasSubscribers) return;
    // An application's logging must not fail a login, nor end the process; a promise catches what it rejects with, too.
    const tell = async (): Promise<void> => {
      const event: SsoEvent = Object.freeze({ at: now(), ...body });
      if (events.hasSubscribers) events.publish(event);
      await onEvent?.(event);
    };
    tell().catch(() => {});
  };
}

/** A copy of an error's details that `JSON.stringify` writes whole: errors and dates, at any depth, become plain values. */
export function plain(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, plainValue(value, 0)]));
}

const maxDepth = 5;

function plainValue(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (depth === maxDepth) return String(value);
  const items = value instanceof Map || value instanceof Set ? [...value] : value;
  if (Array.isArray(items)) return items.map((item) => plainValue(item, depth + 1));
  return Object.fromEntries(Object.entries(items).map(([key, item]) => [key, plainValue(item, depth + 1)]));
}
