import type { Assertion, AssertionAttribute } from '../../src/saml/assertion.ts';
import { nameIdFormats } from '../../src/saml/names.ts';
import type { ValidateResponseOptions } from '../../src/saml/response-options.ts';
import { idpId, PASSWORD, plain, spId } from '../support/plain-message.ts';
import { type Mode, options, signing as usual } from '../support/response.ts';
import { MARK, type Signing, signMarked } from '../support/signing.ts';

export {
  acsUrl,
  attribute,
  audience,
  authn,
  classRef,
  conditions,
  confirmation,
  idpId,
  PASSWORD,
  plain,
  spId,
  statement,
} from '../support/plain-message.ts';

/** A message that the standards allow, and all that it says. */
export interface Genuine {
  readonly name: string;
  /** The form field SAMLResponse. */
  readonly field: () => string;
  readonly assertion: Assertion;
  readonly options: ValidateResponseOptions;
}

/** Claims that differ from the plain ones; attributes one by one. */
export type Claims = Partial<Omit<Assertion, 'attributes' | 'attributeList'>> & {
  readonly attributes?: readonly AssertionAttribute[] | undefined;
};

/** How a message differs from the plain one. */
export interface Spec {
  readonly parts?: Partial<Parts> | undefined;
  /** Default `assertion`. */
  readonly mode?: Mode | undefined;
  readonly signing?: Signing | undefined;
  /** Default: as `signing`. */
  readonly responseSigning?: Signing | undefined;
  /** Where among its siblings a Signature stands; default `second`, after Issuer, as the schema has it. */
  readonly place?: 'first' | 'second' | 'last' | undefined;
  /** Changes the document before it is signed. */
  readonly edit?: ((xml: string) => string) | undefined;
  /** Makes what stands in place of the Assertion, which is signed by then. */
  readonly encrypt?: ((assertion: string) => string) | undefined;
  /** Changes of the signed document in transit. */
  readonly wire?: ((xml: string) => string) | undefined;
  readonly field?: ((base64: string) => string) | undefined;
  readonly claims?: Claims | undefined;
  readonly options?: Partial<ValidateResponseOptions> | undefined;
}

/** When every plain message was issued; it is validated a minute later. */
export const issued: Date = new Date('2026-01-01T00:00:00Z');
/** When the plain message can no longer be used. */
const ends: Date = new Date('2026-01-01T00:05:00Z');

type Parts = typeof plain;

const plainAssertion: Omit<Assertion, 'attributes' | 'attributeList'> = {
  id: '_a',
  issuer: idpId,
  issueInstant: issued,
  subject: { nameId: 'alice', format: nameIdFormats.unspecified },
  session: { index: '_x' },
  authnContext: PASSWORD,
  authnInstant: issued,
  audiences: [spId],
  inResponseTo: '_request',
  notOnOrAfter: ends,
};
const plainAttributes: readonly AssertionAttribute[] = [{ name: 'mail', values: ['alice@example.test'] }];

/** A genuine message that differs from the plain one by these options. */
export function genuine(name: string, spec: Spec): Genuine {
  return {
    name,
    field: () => {
      const base64 = Buffer.from(write(spec)).toString('base64');
      return spec.field?.(base64) ?? base64;
    },
    assertion: expectedAssertion(spec.claims),
    options: { ...options, ...spec.options },
  };
}

/** The plain assertion with other claims. */
export function expectedAssertion({ attributes = plainAttributes, ...claims }: Claims = {}): Assertion {
  const merged = new Map<string, readonly string[]>();
  for (const { name, values } of attributes) merged.set(name, [...(merged.get(name) ?? []), ...values]);
  return { ...plainAssertion, ...claims, attributes: merged, attributeList: attributes };
}

const RESPONSE_MARK = '<!--signature of the response-->';

function write(spec: Spec): string {
  const { mode = 'assertion', place = 'second', edit = same, encrypt = same, wire = same } = spec;
  const { responseSigning = spec.signing } = spec;
  const parts = { ...plain, ...spec.parts };
  const placed = (mark: string, first: string, rest: string): string =>
    place === 'first' ? mark + first + rest : place === 'second' ? first + mark + rest : first + rest + mark;
  const assertion = placed(
    mode === 'response' ? '' : MARK,
    parts.issuer,
    `<saml:Subject>${parts.nameId}${parts.confirmation}</saml:Subject>${parts.conditions}${parts.advice}${parts.authn}${parts.attributes}${parts.more}`,
  );
  const content = placed(
    mode === 'assertion' ? '' : RESPONSE_MARK,
    parts.responseIssuer,
    `${parts.extensions}${parts.status}<saml:Assertion ${parts.assertion}>${assertion}</saml:Assertion>`,
  );
  let xml = edit(`${parts.prolog}<samlp:Response ${parts.declarations} ${parts.response}>${content}</samlp:Response>`);
  if (mode !== 'response') xml = signMarked(xml, { ...usual, ...spec.signing, id: idOf(xml, 'Assertion') });
  xml = xml.replace(/<([^\s<>:]+:)?Assertion\s.*<\/\1Assertion\s*>/su, encrypt);
  if (mode === 'assertion') return wire(xml);
  xml = xml.replace(RESPONSE_MARK, MARK);
  return wire(signMarked(xml, { ...usual, ...responseSigning, id: idOf(xml, 'Response') }));
}

function idOf(xml: string, name: string): string {
  const id = new RegExp(`<(?:[^\\s<>:/]+:)?${name}\\s[^>]*?\\bID\\s*=\\s*["']([^"']*)`, 'u').exec(xml)?.[1];
  if (id === undefined) throw new TypeError(`no ID of ${name}`);
  return id;
}

const same = (xml: string): string => xml;
