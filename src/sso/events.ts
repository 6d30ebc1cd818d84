import { channel } from 'node:diagnostics_channel';
import type { SamlError, SamlErrorCode } from '../errors.ts';
import type { RejectReason } from '../provisioning/decide.ts';
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
  /** A message that cannot be trusted, or a store that failed: nobody was signed in. */
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
      /** With its cause; `JSON.stringify` leaves most of it out. */
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
