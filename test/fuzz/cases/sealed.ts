import { isDeepStrictEqual } from 'node:util';
import { explainResponse } from '../../../src/saml/explain.ts';
import type { ValidateResponseOptions } from '../../../src/saml/response-options.ts';
import { type EncryptionStyle, encryptXml } from '../../../src/testing/idp/encrypt.ts';
import { checkClaims, type Verdict, verdictOf } from '../invariants/validating.ts';
import { mutateXml } from '../mutate.ts';
import { ciphertextMutator } from '../mutators/encryption.ts';
import { encryptions, keys, optionsToDecrypt } from '../originals.ts';
import type { Violation } from '../statistics.ts';
import type { Case, CaseMaker } from './case.ts';
import { checkFurther } from './further.ts';

/** A Response that is not signed, around an Assertion that is to be encrypted: anyone can send that. */
interface Envelope {
  readonly before: string;
  readonly after: string;
  readonly style: EncryptionStyle;
  readonly options: ValidateResponseOptions;
}

/** Content that another party encrypted for us: it is accepted as it was signed, or refused without revealing it. */
export const sealedCase: CaseMaker = (random, name, bench) => {
  const connection = bench.connections.find((each) => each.name === 'p256');
  const opened = random.maybe((connection?.valid ?? []).flatMap((xml) => openUnsigned(xml) ?? []));
  if (connection === undefined || opened === undefined) throw new Error('there is nothing to encrypt');
  const envelope: Envelope = { ...opened, style: random.pick(encryptions), options: optionsToDecrypt(keys.p256) };
  const trace: string[] = [];
  const input = mutateXml(opened.assertion, random, connection.messages, trace);
  const check: Case['check'] = async (text) => {
    const field = seal(envelope, text);
    const { verdict, violation } = await checkClaims(field, envelope.options, connection.claims, bench.statistics);
    bench.statistics.mutated(trace, !('code' in verdict));
    if (violation !== null) return violation;
    return (
      (await checkSilence(field, seal(envelope, 'not XML'), verdict, envelope.options)) ??
      (await checkFurther(field, verdict, envelope.options, name, bench))
    );
  };
  return { kind: 'encrypted afterwards', trace, input, isField: false, check };
};

/** Takes the Assertion out of a Response that is not signed itself; `null` for another Response. */
function openUnsigned(response: string): { before: string; assertion: string; after: string } | null {
  const start = response.search(/<saml:Assertion[\s>]/);
  const end = response.lastIndexOf('</saml:Assertion>') + '</saml:Assertion>'.length;
  const [before, after] = [response.slice(0, start), response.slice(end)];
  if (start === -1 || (before + after).includes('Signature')) return null;
  return { before, assertion: response.slice(start, end), after };
}

/** Encrypts a text in the place of the Assertion. The result is a form field. */
function seal({ before, after, style }: Envelope, text: string): string {
  const sealed = `<saml:EncryptedAssertion>${encryptXml(text, style)}</saml:EncryptedAssertion>`;
  return encode(before + sealed + after);
}

/** Altered ciphertext of another login: the error reveals only that it cannot be decrypted. */
export const ciphertextCase: CaseMaker = (random, _, bench) => {
  const connection = bench.connections.find((each) => each.name === 'encrypted');
  // Without a Signature in sight: it is encrypted.
  const xml = random.maybe((connection?.valid ?? []).filter((each) => !each.includes(':Signature>')));
  if (connection === undefined || xml === undefined) throw new Error('there is no ciphertext');
  const trace: string[] = [];
  let altered = xml;
  for (let count = random.pick([1, 1, 2]); count > 0; count--) {
    trace.push(ciphertextMutator.name);
    altered = ciphertextMutator.apply(altered, random, connection.messages);
  }
  const hopeless = encode(
    xml.replace(/[^<>]+(?=<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/, 'AAAA'),
  );
  const check: Case['check'] = async (field) => {
    const { options, claims } = connection;
    const { verdict, violation } = await checkClaims(field, options, claims, bench.statistics);
    bench.statistics.mutated(trace, !('code' in verdict));
    return violation ?? (await checkSilence(field, hopeless, verdict, options));
  };
  return { kind: 'ciphertext altered', trace, input: encode(altered), isField: true, check };
};

/** A refusal is that of another message which cannot be decrypted, word for word; so is the explanation. */
async function checkSilence(
  field: string,
  hopeless: string,
  verdict: Verdict,
  options: ValidateResponseOptions,
): Promise<Violation | null> {
  if (!('code' in verdict)) return null;
  const strict = { ...options, crossCheck: false };
  const [said, expected] = await Promise.all([
    Promise.all([verdict, explainResponse(field, strict)]),
    Promise.all([verdictOf(hopeless, strict), explainResponse(hopeless, strict)]),
  ]);
  if (verdict.code === 'decryption_failed' && isDeepStrictEqual(said, expected)) return null;
  const detail = `${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`;
  return { invariant: 'a refusal reveals encrypted content', detail };
}

function encode(xml: string): string {
  return Buffer.from(xml).toString('base64');
}
