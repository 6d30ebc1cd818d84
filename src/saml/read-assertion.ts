import { SamlError } from '../errors.ts';
import { copyString } from '../lib/copy-string.ts';
import { shown } from '../lib/quote.ts';
import { collapseWhiteSpace, trimWhiteSpace, type XmlElement } from '../xml/element.ts';
import { isNmtoken } from '../xml/names.ts';
import type { AssertionAttribute, AssertionSubject } from './assertion.ts';
import { parseDateTime } from './date-time.ts';
import { nameIdFormats, namespaces } from './names.ts';

/** A SubjectConfirmation (SAML Core 2.4.1.1). */
export interface SubjectConfirmation {
  readonly method: string;
  readonly recipient: string | undefined;
  readonly notBefore: Date | undefined;
  readonly notOnOrAfter: Date | undefined;
  /** `undefined` also for an empty value. */
  readonly inResponseTo: string | undefined;
}

/** Conditions (SAML Core 2.5.1). */
interface Conditions {
  readonly notBefore: Date | undefined;
  readonly notOnOrAfter: Date | undefined;
  /** Audiences of each AudienceRestriction. */
  readonly audienceRestrictions: readonly (readonly string[])[];
  /** Names of conditions that are not understood. */
  readonly unknown: readonly string[];
}

/** AuthnStatement (SAML Core 2.7.2). */
interface AuthnStatement {
  readonly authnInstant: Date;
  readonly sessionIndex: string | undefined;
  readonly sessionNotOnOrAfter: Date | undefined;
  readonly authnContext: string | undefined;
}

/** An Assertion as read from signed bytes, before its rules are checked. */
export interface AssertionContent {
  readonly id: string;
  readonly issuer: string;
  readonly issueInstant: Date;
  readonly subject: AssertionSubject | null;
  readonly confirmations: readonly SubjectConfirmation[];
  readonly conditions: Conditions | null;
  readonly authnStatements: readonly AuthnStatement[];
  readonly attributes: readonly AssertionAttribute[];
  /** Notes about omitted values, for the operator. */
  readonly notes: readonly string[];
}

type Keep = (text: string) => string;

/** Decrypts an encrypted element and returns the element of the expected kind. */
export type DecryptPart = (encrypted: XmlElement, expected: 'NameID' | 'Attribute') => XmlElement;

const BASE = namespaces.assertion;

/**
 * Reads an Assertion (SAML Core 2.3.3), one function per element.
 *
 * @param assertion an element of a `VerifiedXml`: nothing else may be read into an assertion
 * @param decrypt decrypts EncryptedID and EncryptedAttribute
 * @param keep applied to each text that the application may keep longer than the message
 * @throws SamlError `assertion_invalid`, `name_id_missing`, or what `decrypt` throws
 */
export function readAssertion(assertion: XmlElement, decrypt: DecryptPart, keep: Keep = copyString): AssertionContent {
  if (assertion.get('Version') !== '2.0') invalid(`Version is ${shown(assertion.get('Version'))} instead of "2.0"`);
  const id = assertion.get('ID');
  if (id === undefined || !isNmtoken(id)) invalid(`it has no ID of the form that XML prescribes: ${shown(id)}`);
  const notes: string[] = [];
  const statements = assertion.all(BASE, 'AttributeStatement');
  expectFewEncrypted(statements);
  const subject = atMostOne(assertion, 'Subject');
  const conditions = atMostOne(assertion, 'Conditions');
  return {
    id: keep(id),
    issuer: keep(readIssuer(one(assertion, 'Issuer'))),
    issueInstant: requiredDate(assertion, 'IssueInstant'),
    subject: subject === undefined ? null : readSubject(subject, decrypt, keep),
    confirmations: subject === undefined ? [] : subject.all(BASE, 'SubjectConfirmation').map(readConfirmation),
    conditions: conditions === undefined ? null : readConditions(conditions, keep),
    authnStatements: assertion.all(BASE, 'AuthnStatement').map((statement) => readAuthnStatement(statement, keep)),
    attributes: statements.flatMap((statement) => readAttributes(statement, { notes, decrypt, keep })),
    notes,
  };
}

/** Issuer (SAML Core 2.2.5): the Format, if any, is `entity`. */
export function readIssuer(issuer: XmlElement): string {
  const format = issuer.get('Format');
  if (format !== undefined && collapseWhiteSpace(format) !== nameIdFormats.entity)
    invalid(`the Issuer has the Format ${shown(format)}`);
  return collapseWhiteSpace(leafText(issuer));
}

function readSubject(subject: XmlElement, decrypt: DecryptPart, keep: Keep): AssertionSubject | null {
  const encrypted = atMostOne(subject, 'EncryptedID');
  const plain = atMostOne(subject, 'NameID');
  if (plain !== undefined && encrypted !== undefined) invalid('<Subject> holds both a NameID and an EncryptedID');
  const nameId = encrypted === undefined ? plain : decrypt(encrypted, 'NameID');
  if (nameId === undefined) return null;
  // A pretty-printed message has white space around the value; inner white space is part of the identifier.
  const text = trimWhiteSpace(leafText(nameId));
  if (text.trim() === '') {
    throw new SamlError('name_id_missing', {
      hint: 'The NameID is empty. At the identity provider, choose a user attribute for it that every user has.',
      details: { received: text },
    });
  }
  return nameIdOf(nameId, text, keep);
}

/** A NameID (SAML Core 2.2.3) of this text. */
export function nameIdOf(element: Pick<XmlElement, 'get'>, text: string, keep: Keep): AssertionSubject {
  return {
    nameId: keep(text),
    format: keep(collapseWhiteSpace(element.get('Format') ?? nameIdFormats.unspecified)),
    nameQualifier: kept(element, 'NameQualifier', keep),
    spNameQualifier: kept(element, 'SPNameQualifier', keep),
  };
}

function readConfirmation(confirmation: XmlElement): SubjectConfirmation {
  const data = atMostOne(confirmation, 'SubjectConfirmationData');
  return {
    method: collapseWhiteSpace(confirmation.get('Method') ?? ''),
    recipient: data?.get('Recipient'),
    notBefore: data && optionalDate(data, 'NotBefore'),
    notOnOrAfter: data && optionalDate(data, 'NotOnOrAfter'),
    inResponseTo: data?.get('InResponseTo') || undefined,
  };
}

function readConditions(conditions: XmlElement, keep: Keep): Conditions {
  const restrictions: string[][] = [];
  const unknown: string[] = [];
  for (const child of conditions.elements()) {
    if (child.is(BASE, 'AudienceRestriction')) {
      restrictions.push(child.all(BASE, 'Audience').map((audience) => keep(collapseWhiteSpace(leafText(audience)))));
      // OneTimeUse holds for every assertion here, and ProxyRestriction concerns only parties that issue assertions
      // themselves.
    } else if (!child.is(BASE, 'OneTimeUse') && !child.is(BASE, 'ProxyRestriction')) unknown.push(child.qualifiedName);
  }
  return {
    notBefore: optionalDate(conditions, 'NotBefore'),
    notOnOrAfter: optionalDate(conditions, 'NotOnOrAfter'),
    audienceRestrictions: restrictions,
    unknown,
  };
}

function readAuthnStatement(statement: XmlElement, keep: Keep): AuthnStatement {
  return {
    authnInstant: requiredDate(statement, 'AuthnInstant'),
    sessionIndex: kept(statement, 'SessionIndex', keep),
    sessionNotOnOrAfter: optionalDate(statement, 'SessionNotOnOrAfter'),
    authnContext: readAuthnContext(one(statement, 'AuthnContext'), keep),
  };
}

/**
 * AuthnContext (SAML Core 2.7.2.2): a class reference, a declaration (by value or by reference), or both. A declaration by
 * value is not read.
 */
function readAuthnContext(context: XmlElement, keep: Keep): string | undefined {
  const classRef = atMostOne(context, 'AuthnContextClassRef');
  const declRef = atMostOne(context, 'AuthnContextDeclRef');
  const decl = atMostOne(context, 'AuthnContextDecl');
  const reference = classRef ?? declRef;
  if (reference === undefined && decl === undefined)
    invalid('<AuthnContext> holds no AuthnContextClassRef, AuthnContextDecl or AuthnContextDeclRef (Core 2.7.2.2)');
  if (reference === undefined) return undefined;
  const uri = collapseWhiteSpace(leafText(reference));
  if (uri === '') invalid(`<${reference.localName}> is empty (Core 2.7.2.2)`);
  return keep(uri);
}

/** Each decryption costs an RSA operation. */
const maxEncrypted = 32;

function expectFewEncrypted(statements: readonly XmlElement[]): void {
  const count = statements.reduce((sum, statement) => sum + statement.all(BASE, 'EncryptedAttribute').length, 0);
  if (count > maxEncrypted) invalid(`it holds ${count} EncryptedAttributes, more than ${maxEncrypted}`);
}

function readAttributes(
  statement: XmlElement,
  { notes, decrypt, keep }: { readonly notes: string[]; readonly decrypt: DecryptPart; readonly keep: Keep },
): AssertionAttribute[] {
  const attributes = statement
    .elements()
    .map((child) => (child.is(BASE, 'EncryptedAttribute') ? decrypt(child, 'Attribute') : child))
    .filter((child) => child.is(BASE, 'Attribute'));
  return attributes.map((attribute) => {
    const name = attribute.get('Name');
    if (name === undefined || name === '') invalid('an Attribute has no Name');
    const values: string[] = [];
    const nameIds: AssertionSubject[] = [];
    for (const value of attribute.all(BASE, 'AttributeValue')) {
      const nameId = value.isLeaf ? null : onlyNameId(value);
      if (value.isLeaf) values.push(keep(value.text));
      else if (nameId === null) notes.push(`a value of the attribute ${shown(name)} was left out: it holds elements`);
      else {
        const read = nameIdOf(nameId, trimWhiteSpace(nameId.text), keep);
        nameIds.push(read);
        values.push(read.nameId);
      }
    }
    return {
      name: keep(name),
      friendlyName: kept(attribute, 'FriendlyName', keep),
      nameFormat: kept(attribute, 'NameFormat', (uri) => keep(collapseWhiteSpace(uri))),
      values,
      ...(nameIds.length > 0 && { nameIds }),
    };
  });
}

/** The NameID that an AttributeValue consists of, as in eduPersonTargetedID; `null` for other content. */
function onlyNameId(value: XmlElement): XmlElement | null {
  const [nameId, ...others] = value.elements();
  if (nameId === undefined || others.length > 0 || !nameId.is(BASE, 'NameID') || !nameId.isLeaf) return null;
  return collapseWhiteSpace(value.text) === '' ? nameId : null;
}

function one(parent: XmlElement, name: string): XmlElement {
  return atMostOne(parent, name) ?? invalid(`<${parent.localName}> holds no <${name}>`);
}

function atMostOne(parent: XmlElement, name: string): XmlElement | undefined {
  const found = parent.all(BASE, name);
  if (found.length > 1) invalid(`<${parent.localName}> holds ${found.length} <${name}>`);
  return found[0];
}

function leafText(element: XmlElement): string {
  return element.isLeaf ? element.text : invalid(`<${element.localName}> holds elements instead of text`);
}

/** An attribute that the application may keep longer than the message. */
function kept(element: Pick<XmlElement, 'get'>, name: string, keep: Keep): string | undefined {
  const text = element.get(name);
  return text === undefined ? undefined : keep(text);
}

function requiredDate(element: XmlElement, name: string): Date {
  return optionalDate(element, name) ?? invalid(`<${element.localName}> has no ${name}`);
}

function optionalDate(element: XmlElement, name: string): Date | undefined {
  const text = element.get(name);
  if (text === undefined) return undefined;
  return (
    parseDateTime(text) ??
    invalid(
      `${name} of <${element.localName}> is ${shown(text)}, not a time with its zone, such as 2026-11-24T08:00:00Z`,
    )
  );
}

function invalid(problem: string): never {
  throw new SamlError('assertion_invalid', {
    hint: `The assertion does not have the form that SAML Core 2.0 prescribes: ${problem}. Correct this at the identity provider.`,
    details: { problem },
  });
}
