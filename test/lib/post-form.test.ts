import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { postForm } from '../../src/lib/post-form.ts';

describe('postForm', () => {
  it('escapes everything', () => {
    const { html } = postForm('https://idp.example.test/?a="&b=<', { 'n"': `"><script>alert('1')</script>&amp;\n` });
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html).toContain('action="https://idp.example.test/?a=&#34;&#38;b=&#60;"');
    expect(html).toContain('name="n&#34;"');
    expect(html).toContain('value="&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;amp;&#10;"');
  });

  it('has one script, allowed by its hash, and a button for browsers without JavaScript', () => {
    const { html, scriptHash } = postForm('https://idp.example.test/sso', { SAMLRequest: 'x' });
    const script = /<script>(.*)<\/script>/.exec(html)?.[1] ?? '';
    expect(scriptHash).toBe(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(html).toMatch(/<noscript>.*<button type="submit">.*<\/noscript>/);
  });

  it.each(['javascript:alert(1)', 'data:text/html,', '/sso', ''])('refuses the action %j', (action) => {
    expect(() => postForm(action, {})).toThrow(new TypeError(`not an http or https URL: ${action}`));
    expect(() => postForm('https://idp.example.test/sso', {})).not.toThrow();
  });
});
