import { documents, writeDocument } from '../support/documents.ts';
import { dictionary, markupTokens } from './mutators/dictionary.ts';
import type { Mutator } from './mutators/mutator.ts';
import { tokenMutators } from './mutators/tokens.ts';
import type { Random } from './random.ts';

const anyDocument = documents();

/** Any document of the grammar: nested and rebound namespaces, every way to write a character. */
export function makeDocument(random: Random): string {
  const aside = random.oneIn(4)
    ? random.pick(['<?xml version="1.0"?>', "<?xml version='1.0' encoding='UTF-8'?>\n", '\uFEFF', '<!-- c -->', '\n'])
    : '';
  return aside + writeDocument(random.sample(anyDocument));
}

const attributes = markupTokens.filter((token) => /^ \S/.test(token));
const contents = markupTokens.filter((token) => !attributes.includes(token));
/** Where which tokens have a chance: in content, before the end of a tag, at the start of a value. */
const contexts = [
  { pattern: />(?!$)/g, skip: 1, tokens: contents },
  { pattern: />(?!$)/g, skip: 1, tokens: [']]>', ']>', '&', '&#0;', '\r', '\0'] },
  { pattern: /\/?>/g, skip: 0, tokens: attributes },
  { pattern: /=["']/g, skip: 2, tokens: contents },
] as const;

const insertMarkup: Mutator = {
  name: 'token: insert markup',
  apply: (xml, random) => {
    const { pattern, skip, tokens } = random.pick(contexts);
    const match = random.maybe([...xml.matchAll(pattern)]);
    if (match === undefined) return xml;
    const at = match.index + skip;
    return xml.slice(0, at) + random.pick(tokens) + xml.slice(at);
  },
};

/** A document that is often almost well-formed. */
export function makeNearDocument(random: Random): { readonly xml: string; readonly trace: readonly string[] } {
  let xml = makeDocument(random);
  const trace: string[] = [];
  for (let edits = random.pick([1, 1, 2, 3]); edits > 0; edits--) {
    const mutator = random.oneIn(2) ? insertMarkup : random.pick(tokenMutators);
    trace.push(mutator.name);
    xml = mutator.apply(xml, random, [xml]);
  }
  if (random.oneIn(10)) xml = Array.from({ length: random.below(12) }, () => random.pick(dictionary)).join('');
  return { xml, trace };
}
