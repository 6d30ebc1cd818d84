// Edits of responses as the test identity provider writes them: prefixes samlp, saml and ds, declared on the Response.

/** The first match. @throws TypeError without a match, so that no forgery is a genuine message by mistake */
export function first(xml: string, pattern: RegExp): string {
  const found = pattern.exec(xml)?.[0];
  if (found === undefined) throw new TypeError(`nothing matches ${pattern}`);
  return found;
}

/**
 * The first element of this name, as text: up to the next end tag of it, or the last one.
 *
 * @throws TypeError without a match
 */
export function elementText(xml: string, name: string, endTag: 'next' | 'last'): string {
  const starts = [`<${name} `, `<${name}>`].map((tag) => xml.indexOf(tag)).filter((at) => at !== -1);
  const start = Math.min(...starts);
  const close = `</${name}>`;
  const end = endTag === 'next' ? xml.indexOf(close, start) : xml.lastIndexOf(close);
  if (starts.length === 0 || end < start) throw new TypeError(`no element ${name}`);
  return xml.slice(start, end + close.length);
}

/** The Assertion, as text. */
export function assertionOf(xml: string): string {
  return elementText(xml, 'saml:Assertion', 'last');
}

/** The first Signature, as text: of a Response that is signed itself, its own. */
export function signatureOf(xml: string): string {
  return elementText(xml, 'ds:Signature', 'next');
}

/** The value of the first ID. */
export function idOf(xml: string): string {
  return first(xml, /(?<= ID=")[^"]*/);
}

/** Without any Signature. */
export function unsigned(xml: string): string {
  let rest = xml;
  while (rest.includes('<ds:Signature ')) rest = rest.replace(signatureOf(rest), '');
  return rest;
}

/** Replaces text that must be present. @throws TypeError when it is not */
export function replace(xml: string, from: string | RegExp, to: string): string {
  const missing = typeof from === 'string' ? !xml.includes(from) : xml.search(from) === -1;
  if (missing) throw new TypeError(`nothing matches ${String(from).slice(0, 100)}`);
  return xml.replace(from, () => to);
}

/** Puts `content` at the end of an element: before the last end tag of this name. */
export function appendTo(xml: string, name: string, content: string): string {
  const at = xml.lastIndexOf(`</${name}>`);
  if (at === -1) throw new TypeError(`no element ${name}`);
  return xml.slice(0, at) + content + xml.slice(at);
}

/**
 * Puts `content` at the position of a Signature in the first such element: after its Issuer (SAML Core 2.3.3, 3.2.2).
 */
export function afterIssuer(xml: string, content: string): string {
  return replace(xml, '</saml:Issuer>', `</saml:Issuer>${content}`);
}

/** The Response with other XML in place of its Assertion. */
export function withAssertion(xml: string, content: string): string {
  return replace(xml, assertionOf(xml), content);
}

/** An Object of XML Signature, which may contain anything (XML Signature 4.5). */
export function object(content: string): string {
  return `<ds:Object>${content}</ds:Object>`;
}
