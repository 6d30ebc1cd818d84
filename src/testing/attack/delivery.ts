import { deflateRawSync } from 'node:zlib';
import { parseUrl } from '../../lib/parse-url.ts';
import { statusCodes } from '../../saml/names.ts';
import { type Forgery, postFields } from './forgery.ts';

/** The host of the attacker; names under `.test` are reserved (RFC 6761). */
const HOST = 'attacker.test';

function leadsAway(location: string | null): boolean {
  if (location === null) return false;
  // Normalizes as browsers do: a backslash is a slash, and control characters are ignored.
  const base = 'https://application.example';
  if (parseUrl(location, base) === null) return true;
  const { hostname, protocol } = new URL(location, base);
  return hostname.endsWith(HOST) || !/^https?:$/.test(protocol);
}

const relayStates: readonly (readonly [name: string, value: string])[] = [
  ['absolute', `https://${HOST}/`],
  ['without-scheme', `//${HOST}/`],
  ['backslash', `/\\${HOST}/`],
  ['script', 'javascript:alert(document.domain)'],
];

const MARKUP = `<img src="https://${HOST}/" onerror="alert(1)">`;

/** Messages that are forgeries because of their delivery, and genuine ones with other harmful input. */
export const deliveryForgeries: readonly Forgery[] = [
  {
    name: 'replayed',
    row: 'REP-1',
    description:
      'A genuine Response that was already used is posted again. Careless: keeps no record of used assertions.',
    make: (material) => {
      const fields = postFields(material.victimsResponse(), material);
      return { first: fields, fields };
    },
  },
  {
    name: 'second-answer',
    row: 'IRT-1',
    description: 'A second genuine Response to a request that was already answered.',
    needsRequest: true,
    make: (material) => ({
      first: postFields(material.response(), material),
      fields: postFields(material.victimsResponse(), material),
    }),
  },
  {
    name: 'other-browser',
    row: 'IRT-1',
    description:
      'A genuine Response in a browser that did not send the request (login CSRF). Careless: checks that the request exists, but not which browser sent it.',
    needsRequest: true,
    make: (material) => ({ fields: postFields(material.victimsResponse(), material), otherBrowser: true }),
  },
  {
    name: 'unsigned-by-redirect',
    row: 'RDR-4',
    description:
      'An unsigned Response in the query. Careless: expects the signature of the HTTP-Redirect binding there, and does not require it.',
    make: (material) => ({
      method: 'GET',
      fields: [['SAMLResponse', deflateRawSync(material.forgedResponse).toString('base64')]],
    }),
  },
  ...relayStates.map(
    ([name, relayState]): Forgery => ({
      name: `relay-state-${name}`,
      row: 'REL-1',
      description: `A genuine login with the RelayState ${relayState}. Careless: redirects the browser there.`,
      make: (material) => ({ fields: postFields(material.response(), { ...material, relayState }) }),
      succeeded: ({ location }) => leadsAway(location),
    }),
  ),
  {
    name: 'markup-in-status-message',
    row: 'LOG-1',
    description: 'Unsigned markup as StatusMessage and Issuer. Careless: shows it on its error page.',
    make: (material) =>
      material.victimsResponse({
        signs: 'none',
        issuer: MARKUP,
        status: { code: statusCodes.responder, message: MARKUP },
      }),
    mustNotRepeat: MARKUP,
  },
];
