import { DSIG_NAMESPACE } from '../../../src/xml/names.ts';
import { readXml } from '../../../src/xml/read.ts';
import type { Violation } from '../statistics.ts';

interface KnownDifference {
  readonly invariant: string;
  /** @param said what the other implementation says */
  readonly applies: (xml: string, said: string) => boolean;
  /** Why we are right, or why it does no harm. */
  readonly because: string;
}

/** Differences that were looked into: counted, but no findings. Those of messages are tested with fixtures in `test/fixtures/regressions`. */
const knownDifferences: readonly KnownDifference[] = [
  ...['libxml2 reads another tree', 'libxml2 writes another canonical form', 'xmlsec1 refuses'].map((invariant) => ({
    invariant,
    applies: (xml: string) => /xmlns[^\s=]*\s*=\s*(?:"[^"]*|'[^']*)&(?:amp|#0*38|#x0*26);/.test(xml),
    because: 'libxml2 does not escape & in a namespace name, as Canonical XML 2.3 demands',
  })),
  {
    invariant: 'xmlsec1 refuses',
    applies: (xml) => /PrefixList\s*=\s*(["'])(?:\s|[^"']*(?:\s\s|\s\1|&#))/.test(xml),
    because: 'xmlsec1 splits a PrefixList at single spaces; white space of a list collapses (XML Schema 2, 4.3.6)',
  },
  {
    invariant: 'xmlsec1 refuses',
    applies: (_, said) => said.includes('is not a valid URI'),
    because: 'a namespace name with characters that no URI has: processors need not check (Namespaces in XML 1.0, 8)',
  },
  {
    invariant: 'xmlsec1 refuses',
    applies: (xml, said) => {
      const [, id = ''] = /duplicate ID attribute "([^"]*)"/.exec(said) ?? [];
      const references = readXml(xml)
        .descendants()
        .filter((each) => each.is(DSIG_NAMESPACE, 'Reference'));
      return id !== '' && !references.some((reference) => reference.get('URI') === `#${id}`);
    },
    because:
      'the ID of an element that is not signed occurs again as xml:id: what is signed is found by an ID of its own',
  },
  {
    invariant: 'reader refuses what is well-formed',
    applies: (xml) => /&#x?0{7}/.test(xml),
    because: 'a character reference of more than ten digits: zeros without end are an attack',
  },
];

/** Why a violation is a known difference; `undefined` if it is not. */
export function knownDifference({ invariant, detail }: Violation, xml: string): string | undefined {
  return knownDifferences.find((known) => known.invariant === invariant && known.applies(xml, detail))?.because;
}
