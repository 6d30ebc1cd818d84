import { makeDocument, makeNearDocument } from '../documents.ts';
import { checkReading } from '../invariants/reading.ts';
import { Random } from '../random.ts';
import type { CaseMaker } from './case.ts';

/** Any document: other readers see the same in it. */
export const documentCase: CaseMaker = (random, name, { oracles, statistics }) => ({
  kind: 'document',
  trace: [],
  input: makeDocument(random),
  isField: false,
  check: (xml) => checkReading(xml, new Random(`${name} further`), oracles.libxml2, statistics),
});

/** What is often almost a document. */
export const nearDocumentCase: CaseMaker = (random, name, bench) => {
  const { xml, trace } = makeNearDocument(random);
  return { ...documentCase(random, name, bench), kind: 'almost a document', input: xml, trace };
};
