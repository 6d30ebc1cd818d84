import type { ForgeryMaterial, SigningMode } from './material.ts';

/** The user that the application signs in: none, the attacker, the impersonated victim, or another one. */
export type Who = 'none' | 'user' | 'victim' | 'other';

/** The reaction of the application to a message. */
export interface Reaction {
  readonly who: Who;
  /** Location to which it redirects the browser. */
  readonly location: string | null;
}

/** A message, and how it is delivered to the application. */
export interface Delivery {
  /** Fields of the form (or of the query), in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Default POST. */
  readonly method?: 'GET' | undefined;
  /** Posted before, in a separate browser, where it must be accepted. */
  readonly first?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Delivered by another browser than the one that began the login. */
  readonly otherBrowser?: boolean | undefined;
}

/** A message that no application may accept. */
export interface Forgery {
  /** Stable, kebab-case. */
  readonly name: string;
  /** Row of docs/security/attacks.md. */
  readonly row: string;
  /** The message, and the mistake of an application that accepts it. */
  readonly description: string;
  /** Signing modes from which it can be made; default: all. */
  readonly from?: readonly SigningMode[] | undefined;
  /** It needs an AuthnRequest, so it is omitted if every login is IdP-initiated. */
  readonly needsRequest?: true | undefined;
  /** Makes the forgery: XML for the field SAMLResponse (encrypted if the mode requires it), or another delivery. */
  readonly make: (material: ForgeryMaterial) => string | Delivery;
  /** Whether the attack succeeded; default: any user is signed in. */
  readonly succeeded?: ((reaction: Reaction) => boolean) | undefined;
  /** Text that the response must not contain; default: the name of the victim. */
  readonly mustNotRepeat?: string | undefined;
}

/** A forgery as one entry of a table. */
export type ForgeryEntry = readonly [
  name: string,
  row: string,
  description: string,
  make: (material: ForgeryMaterial) => string,
  succeeded?: Forgery['succeeded'],
];

/** Makes a forgery from a table entry. */
export function fromEntry([name, row, description, make, succeeded]: ForgeryEntry): Forgery {
  return { name, row, description, make, succeeded };
}

/** The two fields of the HTTP-POST binding. */
export function postFields(xml: string, { relayState, seal }: ForgeryMaterial): (readonly [string, string])[] {
  const response: readonly [string, string] = ['SAMLResponse', Buffer.from(seal(xml)).toString('base64')];
  return relayState === undefined ? [response] : [response, ['RelayState', relayState]];
}

/** For messages whose genuine part may be accepted: only impersonation is a success of the attack. */
export function impersonates({ who }: Reaction): boolean {
  return who === 'victim';
}
