import { bearerConfirmation, statusCodes } from '../../saml/names.ts';
import type { XmlFragment } from '../../xml/write.ts';
import type { TestAttribute } from './users.ts';

/** A point in time; a string is written as it is, `null` leaves the attribute out. */
export type Instant = Date | string | null;

/** Every value of a Response with one Assertion (SAML Core 3.3.3 and 2.3.3); `null` leaves it out. */
export interface ResponseContents {
  /** ID of the Response. */
  readonly id: string;
  readonly assertionId: string;
  /** IssueInstant of Response and Assertion. */
  readonly issueInstant: Instant;
  /** Issuer of the Response. */
  readonly issuer: string | null;
  readonly assertionIssuer: string | null;
  readonly destination: string | null;
  /** InResponseTo of the Response. */
  readonly responseInResponseTo: string | null;
  readonly status: {
    readonly code: string;
    readonly subcode?: string | undefined;
    readonly message?: string | undefined;
  };
  /** Whether there is an Assertion. */
  readonly assertion: boolean;
  readonly nameId: string | null;
  readonly nameIdFormat: string | null;
  readonly nameQualifier: string | null;
  readonly spNameQualifier: string | null;
  /** Method of the SubjectConfirmation. */
  readonly confirmationMethod: string | null;
  readonly recipient: string | null;
  readonly confirmationInResponseTo: string | null;
  readonly confirmationNotBefore: Instant;
  readonly confirmationNotOnOrAfter: Instant;
  /** NotBefore of Conditions. */
  readonly notBefore: Instant;
  /** NotOnOrAfter of Conditions. */
  readonly notOnOrAfter: Instant;
  /** Audiences of one AudienceRestriction. */
  readonly audiences: readonly string[] | null;
  /** AuthnInstant; `null` leaves the whole AuthnStatement out. */
  readonly authnInstant: Instant;
  readonly sessionIndex: string | null;
  readonly sessionNotOnOrAfter: Instant;
  /** AuthnContextClassRef. */
  readonly authnContext: string | null;
  /** `null` or empty: no AttributeStatement. */
  readonly attributes: readonly TestAttribute[] | null;
  /** Put at the end of the Assertion. */
  readonly extraAssertionChildren: readonly XmlFragment[];
  /** Put at the end of the Response. */
  readonly extraResponseChildren: readonly XmlFragment[];
}

/** Input from which {@link completeResponse} derives all other values. */
export interface ResponseBasis {
  /** Entity ID of the identity provider. */
  readonly issuer: string;
  readonly acsUrl: string;
  /** Entity ID of the service provider. */
  readonly audience: string;
  /** ID of the AuthnRequest; left out for an unsolicited response. */
  readonly inResponseTo?: string | undefined;
  readonly now: Date;
  /** Makes a new ID. */
  readonly newId: () => string;
  readonly nameId: string | null;
  readonly nameIdFormat: string;
  readonly attributes: readonly TestAttribute[];
}

/** Replaces single values; values that are left out or `undefined` are those of a conforming identity provider. */
export type ResponseOverrides = { readonly [K in keyof ResponseContents]?: ResponseContents[K] | undefined };

/** The values that a conforming identity provider writes, with single values replaced. */
export function completeResponse(basis: ResponseBasis, overrides: ResponseOverrides): ResponseContents {
  const { issuer, acsUrl, now, inResponseTo = null } = basis;
  const after = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000);
  const assertionId = overrides.assertionId ?? basis.newId();
  const status = overrides.status ?? { code: statusCodes.success };
  const honest: ResponseContents = {
    id: overrides.id ?? basis.newId(),
    assertionId,
    issueInstant: now,
    issuer,
    assertionIssuer: issuer,
    destination: acsUrl,
    responseInResponseTo: inResponseTo,
    status,
    assertion: status.code === statusCodes.success,
    nameId: basis.nameId,
    nameIdFormat: basis.nameIdFormat,
    nameQualifier: null,
    spNameQualifier: null,
    confirmationMethod: bearerConfirmation,
    recipient: acsUrl,
    confirmationInResponseTo: inResponseTo,
    confirmationNotBefore: null,
    confirmationNotOnOrAfter: after(5),
    notBefore: after(-1),
    notOnOrAfter: after(5),
    audiences: [basis.audience],
    authnInstant: now,
    sessionIndex: assertionId,
    sessionNotOnOrAfter: after(8 * 60),
    authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    attributes: basis.attributes,
    extraAssertionChildren: [],
    extraResponseChildren: [],
  };
  const given = Object.entries(overrides).filter(([key, value]) => key in honest && value !== undefined);
  return { ...honest, ...Object.fromEntries(given) };
}
