/** As much of a browser as a login needs: cookies, redirects, and forms. */
export class Browser {
  #cookies = new Map();

  /** Another browser with the same cookies: what a thief of the cookies has. */
  copy() {
    const twin = new Browser();
    twin.#cookies = new Map(this.#cookies);
    return twin;
  }

  /**
   * Opens a page and goes on until there is nothing to follow: redirects, pages that submit themselves, and an identity
   * provider's login page if it offers `user`. `beforePost` may look at each form `{ url, fields }` and change it.
   */
  async open(url, { user, beforePost } = {}) {
    const visited = [];
    for (let next = { url }; ; ) {
      const answer = await this.send(next);
      visited.push(next.url);
      if (visited.length > 12) throw new Error(`no end of redirects: ${visited.join(' ')}`);
      next = redirection(answer) ?? submission(answer, user);
      if (next === null) return { ...answer, visited };
      if (next.fields) beforePost?.(next);
    }
  }

  /** One request, a POST if there are fields, and its answer. */
  async send({ url, fields }) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: Array.from(this.#cookies, (pair) => pair.join('=')).join('; ') },
      ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
    });
    for (const setCookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(setCookie);
      if (/max-age=0/i.test(setCookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return { url, status: response.status, location: response.headers.get('location'), html: await response.text() };
  }
}

function redirection({ url, location }) {
  return location === null ? null : { url: new URL(location, url).href };
}

function submission({ url, html }, user) {
  const choosesUser = user !== undefined && html.includes(`<button name="user" value="${user}"`);
  if (!choosesUser && !/\.submit\b/.test(html)) return null;
  const fields = choosesUser ? { user } : {};
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    fields[plainText(name)] = plainText(value);
  }
  return { url: new URL(plainText(/<form[^>]* action="([^"]*)"/.exec(html)[1]), url).href, fields };
}

/** What a reader sees of a piece of HTML. */
export function plainText(html) {
  const text = html.replace(/<style>.*?<\/style>|<[^>]*>/gs, ' ').replace(/ *\n\s*| {2,}/g, ' ');
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))).trim();
}
