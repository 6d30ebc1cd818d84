/**
 * Whether a browser opens the URL as a page (Fetch Metadata Request Headers). Images, frames and scripts of other pages
 * would begin logins that the user did not ask for.
 *
 * Without `Sec-Fetch-Dest` the client is an old browser, or not a browser. `Sec-Fetch-Mode` alone proves nothing, because
 * fetch() of Node.js sends it.
 */
export function isNavigation(header: (name: string) => string | undefined): boolean {
  const [dest, mode, site] = ['sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site'].map(header);
  if (dest === undefined) return true;
  // A service worker that forwards a navigation with fetch(event.request). Other sites cannot send this.
  if (dest === 'empty' && site === 'same-origin') return mode === 'navigate' || mode === 'same-origin';
  return dest === 'document' && (mode === undefined || mode === 'navigate');
}
