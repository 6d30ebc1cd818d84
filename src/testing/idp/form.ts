/** A form that a page of a SAML binding submits. */
export interface SubmittedForm {
  readonly action: string;
  /** Values by name. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Reads what a browser posts from a self-submitting page (HTTP-POST binding, SAML Bindings 3.5).
 *
 * @param html a page with one form of inputs; attribute values in double quotes, `<` and `>` in them as references
 * @throws TypeError when the page has no form
 * @example
 * ```ts
 * const { action, fields } = submitForm(await response.text());
 * await fetch(action, { method: 'POST', body: new URLSearchParams(fields) });
 * ```
 */
export function submitForm(html: string): SubmittedForm {
  const form = /<form\b[^<>]*>/.exec(html)?.[0];
  if (form === undefined) throw new TypeError('the page has no form');
  const inputs = [...html.matchAll(/<input\b[^<>]*>/g)].map(([tag]) => [
    attribute(tag, 'name'),
    attribute(tag, 'value'),
  ]);
  return { action: attribute(form, 'action'), fields: Object.fromEntries(inputs) };
}

function attribute(tag: string, name: string): string {
  const written = [...tag.matchAll(/\s([\w-]+)="([^"]*)"/g)].find(([, found]) => found === name);
  return unescapeHtml(written?.[2] ?? '');
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Text of HTML that holds numeric references and those that XML has too. */
export function unescapeHtml(html: string): string {
  return html.replace(/&(?:#(\d+)|(amp|lt|gt|quot));/g, (_, code: string | undefined, name: string) =>
    code === undefined ? (named[name] ?? '') : String.fromCodePoint(Number(code)),
  );
}
