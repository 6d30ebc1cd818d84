import { createHash } from 'node:crypto';
import { escapeHtml } from './html.ts';
import { parseHttpUrl } from './http-url.ts';

const submit = 'HTMLFormElement.prototype.submit.call(document.forms[0])';
const submitHash = `'sha256-${createHash('sha256').update(submit).digest('base64')}'`;

/** A page that submits its form without a click. */
export interface PostForm {
  readonly html: string;
  /** `script-src` source for Content-Security-Policy, quotes included, that admits the only script of the page. */
  readonly scriptHash: string;
}

/**
 * The page that carries fields to another site by POST. Without JavaScript it shows a button.
 *
 * It is in `lib` and not in `http`, because `beginLogin` returns it.
 *
 * @param action http or https URL
 * @param fields values by name of the form's hidden fields
 * @throws TypeError for another URL
 */
export function postForm(action: string, fields: Readonly<Record<string, string>>): PostForm {
  parseHttpUrl(action);
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">\n`,
  );
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Signing in</title></head><body>
<form method="post" action="${escapeHtml(action)}">
${inputs.join('')}<noscript><p>JavaScript is off.</p><button type="submit">Continue</button></noscript>
</form>
<script>${submit}</script>
</body></html>
`;
  return { html, scriptHash: submitHash };
}
