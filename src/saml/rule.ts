import type { AssertionContent } from './read-assertion.ts';
import type { ResponseContent } from './read-response.ts';

/** The values that the rules compare a response with. */
export interface Expectation {
  readonly idpEntityId: string;
  readonly spEntityId: string;
  readonly acsUrl: string;
  /** ID of the pending AuthnRequest; `null`: the response must be unsolicited. */
  readonly inResponseTo: string | null;
  readonly requireNameId: boolean;
  /** Refuse a Response without Destination. */
  readonly requireDestination: boolean;
  /** Longest time from `now` to the end of an assertion. */
  readonly maxAssertionLifetimeSeconds: number;
  /** NameID format that the request asked for; `null` or left out: any. */
  readonly nameIdFormat?: string | null | undefined;
  readonly now: Date;
  readonly clockSkewSeconds: number;
  /** When the pending request was made, by this clock; used only in hints. */
  readonly requestedAt?: Date | undefined;
  /** With ForceAuthn: when the request was made. */
  readonly authenticatedSince?: Date | undefined;
}

/** A response and its assertion, read from signed bytes where they are signed, and the values expected of them. */
export interface RuleInput {
  readonly response: ResponseContent;
  readonly assertion: AssertionContent;
  readonly expected: Expectation;
}

/** One rule of the Web Browser SSO profile. Rules do not depend on one another. */
export interface Rule {
  readonly name: string;
  /** Section of the standard. */
  readonly section: string;
  /** @throws SamlError if the rule is broken */
  readonly check: (input: RuleInput) => void;
}
