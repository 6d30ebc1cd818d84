import { SamlError } from '../../../src/errors.ts';
import { type Genuine, makeGenuine } from '../genuine.ts';
import { checkClaims, type Verdict } from '../invariants/validating.ts';
import { signatureMutators } from '../mutators/signature.ts';
import { keyNames, keys, optionsToDecrypt } from '../originals.ts';
import type { Random } from '../random.ts';
import type { Violation } from '../statistics.ts';
import type { Bench, Case, CaseMaker } from './case.ts';
import { checkFurther } from './further.ts';

/** A genuine message, however it is written: it is accepted. */
export const genuineCase: CaseMaker = (random, name, bench) => {
  const genuine = makeGenuine(random);
  const check: Case['check'] = async (field) => {
    const { verdict, violation } = await checkSigned(field, genuine, name, bench);
    if (!('code' in verdict)) return violation;
    return { invariant: 'a genuine message is refused', detail: `${verdict.code}: ${verdict.hint}` };
  };
  return { kind: 'genuine', trace: [genuine.made], input: encode(genuine), isField: true, check };
};

/** Who holds the key signs odd things: they are refused, or say what was signed. */
export const resignedCase: CaseMaker = (random, name, bench) => {
  const trace: string[] = [];
  const genuine = signOddly(random, (signature) => {
    const mutator = random.pick(signatureMutators);
    trace.push(mutator.name);
    return mutator.apply(signature, random, [signature]);
  });
  const check: Case['check'] = async (field) => (await checkSigned(field, genuine, name, bench)).violation;
  return { kind: 'signed with changes', trace: [...trace, genuine.made], input: encode(genuine), isField: true, check };
};

/** A message signed with an untrusted key, with its certificate in KeyInfo, is refused. */
export const untrustedCase: CaseMaker = (random, name, bench) => {
  const { xml, options, made } = makeGenuine(random);
  const [other] = keyNames.filter((key) => !options.identityProvider.certificates.includes(keys[key].certificate));
  const untrusted: Genuine = { xml, options: optionsToDecrypt(keys[other ?? 'rsa']), claims: 'none', made };
  const check: Case['check'] = async (field) => (await checkSigned(field, untrusted, name, bench)).violation;
  return { kind: 'signed with an untrusted key', trace: [made], input: encode(untrusted), isField: true, check };
};

function signOddly(random: Random, edit: (signature: string) => string): Genuine {
  for (;;) {
    try {
      return makeGenuine(random, edit);
    } catch (error) {
      // The edited document cannot be read, so it cannot be signed.
      if (!(error instanceof SamlError)) throw error;
    }
  }
}

async function checkSigned(
  field: string,
  { options, claims }: Genuine,
  name: string,
  bench: Bench,
): Promise<{ readonly verdict: Verdict; readonly violation: Violation | null }> {
  const { verdict, violation } = await checkClaims(field, options, new Set([claims]), bench.statistics);
  return { verdict, violation: violation ?? (await checkFurther(field, verdict, options, name, bench)) };
}

function encode({ xml }: Genuine): string {
  return Buffer.from(xml).toString('base64');
}
