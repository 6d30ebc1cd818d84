import type { AssertionContent } from './read-assertion.ts';
import type { ResponseContent } from './read-response.ts';

/** The values that the rules compare with a response. */
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
  /** NameID format that the request asked for; `null` or absent: any. */
  readonly nameIdFormat?: string | null | undefined;
  readonly now: Date;
  readonly clockSkewSeconds: number;
  /** Time of the pending request, by this clock; used only in hints. */
  readonly requestedAt?: Date | undefined;
  /** With ForceAuthn: time of the request. */
  readonly authenticatedSince?: Date | undefined;
}

/** A response and its assertion, read from signed bytes if they are signed, and the expected values. */
export interface RuleInput {
  readonly response: ResponseContent;
  readonly assertion: AssertionContent;
  readonly expected: Expectation;
}

/** One rule of the Web Browser SSO profile. Rules are independent of each other. */
export interface Rule {
  readonly name: string;
  /** Section of the standard. */
  readonly section: string;
  /** @throws SamlError if the rule is broken */
  readonly check: (input: RuleInput) => void;
}
