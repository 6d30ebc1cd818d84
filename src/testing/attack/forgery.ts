import type { ForgeryMaterial, SigningMode } from './material.ts';

/** Whom the application lets in: nobody, the person who logged in, the one who is impersonated, or somebody else. */
export type Who = 'nobody' | 'user' | 'victim' | 'other';

/** What the application did with a message. */
export interface Reaction {
  readonly who: Who;
  /** Where it sends the browser. */
  readonly location: string | null;
}

/** A message, and how it comes to the application. */
export interface Delivery {
  /** Fields of the form (or of the query), in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Default POST. */
  readonly method?: 'GET' | undefined;
  /** Posted before, in a browser of its own, where it must be let in. */
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
  /** What it sends, and what a careless application does. */
  readonly description: string;
  /** What the identity provider must sign for it to be made; default: any of them. */
  readonly from?: readonly SigningMode[] | undefined;
  /** It is about the request that a response answers: nothing to try where every login starts at the identity provider. */
  readonly needsRequest?: true | undefined;
  /** Makes it: XML for the field SAMLResponse, to be sealed, or how else it is delivered. */
  readonly make: (material: ForgeryMaterial) => string | Delivery;
  /** Whether the application fell for it; default: it let anybody in. */
  readonly succeeded?: ((reaction: Reaction) => boolean) | undefined;
  /** Text that the answer must not repeat; default: what the victim is called. */
  readonly unspeakable?: string | undefined;
}

/** A forgery as one entry of a table. */
export type ForgeryEntry = readonly [
  name: string,
  row: string,
  description: string,
  make: (material: ForgeryMaterial) => string,
  succeeded?: Forgery['succeeded'],
];

/** What an entry stands for. */
export function fromEntry([name, row, description, make, succeeded]: ForgeryEntry): Forgery {
  return { name, row, description, make, succeeded };
}

/** The two fields of the HTTP-POST binding. */
export function postFields(xml: string, { relayState, seal }: ForgeryMaterial): (readonly [string, string])[] {
  const response: readonly [string, string] = ['SAMLResponse', Buffer.from(seal(xml)).toString('base64')];
  return relayState === undefined ? [response] : [response, ['RelayState', relayState]];
}

/** For messages of which a careful application may take what is honest, and leave the rest: only impersonation counts. */
export function impersonates({ who }: Reaction): boolean {
  return who === 'victim';
}
