import type { AttributeMapping, Connection, IdentityProvider, ProvisioningPolicy } from '../connections/connection.ts';
import type { Assertion } from '../saml/assertion.ts';
import type { AttributeReader } from '../saml/select.ts';

/** The groups of a user. Absent, empty (`values: []`) and more than the identity provider sends are distinct. */
export type Groups =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'absent' }
  /** The identity provider states that there are more groups than it sends. */
  | { readonly kind: 'overage' };

/** Why a profile has no e-mail address. */
export type EmailProblem =
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid'; readonly received: string }
  /** Only of `readProfile`: it is outside the verified domains. `createSso` rejects such a user by rule verified-domains. */
  | { readonly kind: 'domain'; readonly received: string };

/** Why a subject was received and cannot be used. */
export type SubjectProblem =
  /** The attribute has several values, whose order may change. */
  | { readonly kind: 'several'; readonly received: readonly string[] }
  /** The subject is an e-mail address whose domain is not ASCII, so that its spelling may change. */
  | { readonly kind: 'domain'; readonly received: string };

/** The fields of a profile that identify the user. */
export type ProfileSubject = Pick<
  Profile,
  'subject' | 'subjectSource' | 'subjectProblem' | 'nameQualifier' | 'spNameQualifier'
>;

/** A user as one assertion describes them, read by the mapping of the connection. JSON-safe. */
export interface Profile {
  /** Stable key, in the form that is stored and compared exactly; `null`: the assertion has none. */
  readonly subject: string | null;
  readonly subjectSource: 'nameId' | 'attribute' | 'email' | null;
  /** Why the subject that was received cannot be used; `null` if it can, or none was received. */
  readonly subjectProblem: SubjectProblem | null;
  /** NameQualifier of the subject, if it differs from the issuer (SAML Core 8.3.7). */
  readonly nameQualifier?: string | undefined;
  /** SPNameQualifier of the subject, if it differs from the application's entity ID. */
  readonly spNameQualifier?: string | undefined;
  /** As sent; `null` with {@link Profile.emailProblem}. */
  readonly email: string | null;
  readonly emailProblem: EmailProblem | null;
  /** Full name, at most 256 characters. */
  readonly name: string | null;
  /** `name` is only the part of the e-mail address before the `@`. It never overwrites the name of an account. */
  readonly nameIsFallback: boolean;
  /** A name attribute was received, and is empty. */
  readonly nameIsEmpty: boolean;
  /** Values of the role attribute; empty if none was received. */
  readonly roleValues: readonly string[];
  readonly groups: Groups;
  /** Further mapped attributes that were received, in the spelling of their type. An empty list: received without a value. */
  readonly customAttributes: Readonly<Record<string, readonly string[]>>;
  /** Further mapped attributes that count as absent, because the value is not of their type or too long, each with the reason. */
  readonly customAttributeProblems: Readonly<Record<string, string>>;
  /** The values received for each of `policy.requiredAttributes`; `null`: absent. */
  readonly required: Readonly<Record<string, readonly string[] | null>>;
  /** Names of all attributes of the assertion, for hints. */
  readonly receivedAttributes: readonly string[];
}

/** An assertion, the settings by which it is read, and its attributes as `attributeReader` reads them. */
export interface ProfileInput extends AttributeReader {
  /** Validated. */
  readonly assertion: Assertion;
  readonly connection: Pick<Connection, 'domains'> & {
    readonly policy: Pick<ProvisioningPolicy, 'requiredAttributes' | 'subject'>;
    readonly idp: Pick<IdentityProvider, 'entityId' | 'mapping'>;
  };
  /** `connection.idp.mapping`, completed with the candidates of the preset. */
  readonly mapping: AttributeMapping;
  /** Entity ID of the application for this connection. */
  readonly spEntityId: string;
}
