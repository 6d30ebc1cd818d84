import { base64Mutators } from './mutators/base64.ts';
import { byteMutators } from './mutators/bytes.ts';
import { encryptionMutators } from './mutators/encryption.ts';
import type { Mutator } from './mutators/mutator.ts';
import { namespaceMutators } from './mutators/namespaces.ts';
import { signatureMutators } from './mutators/signature.ts';
import { tokenMutators } from './mutators/tokens.ts';
import { treeMutators } from './mutators/tree.ts';
import { wrappingMutators } from './mutators/wrapping.ts';
import type { Random } from './random.ts';

const families: readonly (readonly Mutator[])[] = [
  tokenMutators,
  treeMutators,
  treeMutators,
  namespaceMutators,
  signatureMutators,
  signatureMutators,
  wrappingMutators,
];
const familiesOfEncrypted = [...families, encryptionMutators, encryptionMutators, encryptionMutators];

/** Mutates elements and text, once or some times; `trace` receives the names of the mutators. */
export function mutateXml(xml: string, random: Random, donors: readonly string[], trace: string[]): string {
  let text = xml;
  for (let count = random.pick([1, 1, 2, 3, 5]); count > 0; count--) {
    const family = random.pick(xml.includes('EncryptedData') ? familiesOfEncrypted : families);
    text = run(family, text, random, donors, trace);
  }
  return text;
}

/** Mutates a message at one layer or two: elements and text, bytes, base64. The result is a form field. */
export function mutate(xml: string, random: Random, donors: readonly string[], trace: string[]): string {
  const layer = random.below(20);
  const text = layer > 2 ? mutateXml(xml, random, donors, trace) : xml;
  let bytes: Buffer = Buffer.from(text);
  if (layer < 4) {
    for (let count = random.pick([1, 1, 2]); count > 0; count--)
      bytes = run(byteMutators, bytes, random, donors, trace);
  }
  const field = bytes.toString('base64');
  return layer === 4 || layer === 0 ? run(base64Mutators, field, random, donors, trace) : field;
}

function run<T>(
  mutators: readonly Mutator<T>[],
  message: T,
  random: Random,
  donors: readonly string[],
  trace: string[],
): T {
  const mutator = random.pick(mutators);
  trace.push(mutator.name);
  return mutator.apply(message, random, donors);
}
