import { channel } from 'node:diagnostics_channel';
import type { SamlError, SamlErrorCode } from '../errors.ts';
import type { RejectionDetails, RejectReason } from '../provisioning/reject.ts';
import type { FieldChange, Identity } from '../provisioning/user-store.ts';

/**
 * An event for the operator's log, or for the application to act on. It never contains a secret or the raw message;
 * `changes`, `identity` and hints contain personal data.
 */
export type SsoEvent = { readonly at: Date } & SsoEventBody;

/** An event without its time. */
export type SsoEventBody =
  /** A user signed in. */
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
  /** Policy refused a user whom the identity provider authenticated. */
  | {
      readonly [Reason in RejectReason]: {
        readonly type: 'rejected';
        readonly reason: Reason;
        readonly connectionId: string;
        readonly organizationId: string;
        readonly assertionId: string;
        /** `null`: refused before the user was looked up. */
        readonly identity: Identity | null;
        readonly hint: string;
        /** The values of the hint; left out if `UserStore.decide` rejected without them. */
        readonly details?: RejectionDetails[Reason] | undefined;
        /** The reference that the end user was shown, such as `K7QX-M2RD`. */
        readonly reference: string;
      };
    }[RejectReason]
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
      /** More exact than the result of `beginLogin`: a page must not show the difference. */
      readonly reason:
        | 'no_connection'
        | 'choose_connection'
        | 'sso_not_in_plan'
        | 'connection_disabled'
        | 'connection_invalid';
      /** `null`, like `organizationId`: no connection was found, or several. */
      readonly connectionId: string | null;
      readonly organizationId: string | null;
      readonly hint: string;
      /** The reference that the end user was shown, such as `K7QX-M2RD`. */
      readonly reference: string;
    }
  /** The login failed: the message cannot be trusted, the connection cannot be used, or a store failed. */
  | {
      readonly type: 'failed';
      /** `null`, like `organizationId`: not known when the login failed. */
      readonly connectionId: string | null;
      readonly organizationId: string | null;
      /** Of a message that is valid but was replayed, or after which a store failed; otherwise `null`. */
      readonly assertionId: string | null;
      readonly code: SamlErrorCode;
      readonly hint: string;
      readonly details: Readonly<Record<string, unknown>>;
      /** The reference that the end user was shown, such as `K7QX-M2RD`. */
      readonly reference: string;
      /** With its cause; `JSON.stringify` omits its message, cause and stack. */
      readonly error: SamlError;
      /** It may be an attack: send an alert. */
      readonly security: boolean;
    }
  /** The login continues, and something should be fixed. */
  | { readonly type: 'warning'; readonly connectionId: string | null; readonly warning: string; readonly hint: string }
  /** An account was suspended, removed or restored by `sso.users`. End the sessions of a suspended or removed user. */
  | {
      readonly type: 'suspended' | 'removed' | 'restored';
      readonly userId: string;
      /** `null`: the caller named none, and the store does not know it. */
      readonly organizationId: string | null;
      /** Who did it, as given by the caller. */
      readonly by: string | null;
    };

// Kept, because unreferenced channels are garbage collected together with their subscribers.
const events = channel('saml-jit:event');

/**
 * Makes the function that passes an event to `onEvent` and to the subscribers of the diagnostics channel
 * `saml-jit:event`. It never throws, even if they do.
 */
export function eventStream(
  onEvent: ((event: SsoEvent) => void) | undefined,
  now: () => Date,
): (event: SsoEventBody) => void {
  return (body) => {
    if (onEvent === undefined && !events.hasSubscribers) return;
    // An error in the application's logging must not fail a login or end the process; the promise also catches rejections.
    const publish = async (): Promise<void> => {
      const event: SsoEvent = Object.freeze({ at: now(), ...body });
      if (events.hasSubscribers) events.publish(event);
      await onEvent?.(event);
    };
    publish().catch(() => {});
  };
}

/** Copies the details of an error into plain values that `JSON.stringify` writes completely, errors and dates included. */
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
