import { isDeepStrictEqual } from 'node:util';
import { SamlError } from '../../../src/errors.ts';
import { type Canonicalization, canonicalize } from '../../../src/xml/canonicalize.ts';
import type { XmlElement } from '../../../src/xml/element.ts';
import { XML_NAMESPACE } from '../../../src/xml/names.ts';
import { infosetOf, readOrRefuse, readWithSaxes } from '../../support/saxes.ts';
import type { Libxml2, Part } from '../oracles/libxml2.ts';
import type { Random } from '../random.ts';
import { Statistics, type Violation } from '../statistics.ts';

/**
 * Reader and canonicalization: what we accept, libxml2 and saxes do not both refuse; where they accept, they read the same
 * tree; libxml2 writes the same canonical forms; and what both accept, we refuse only by name.
 */
export async function checkReading(
  xml: string,
  random: Random,
  libxml2: Libxml2 | null,
  statistics: Statistics,
): Promise<Violation | null> {
  const ours = readOrRefuse(xml);
  if (!(ours instanceof SamlError)) return checkAccepted(ours, xml, random, libxml2, statistics);
  // What else is refused, is refused on purpose: limits, DTDs, processing instructions, ...
  if (ours.code !== 'malformed_xml' || !xml.isWellFormed()) return null;
  const saxes = readWithSaxes(xml);
  Statistics.count(statistics.comparisons, 'saxes: refused documents');
  if (saxes.infoset === null || saxes.lax || saxes.excluded || libxml2 === null) return null;
  const theirs = await libxml2.read(Buffer.from(xml), null);
  Statistics.count(statistics.comparisons, 'libxml2: refused documents');
  if (theirs.error === null) return { invariant: 'reader refuses what is well-formed', detail: ours.hint };
  statistics.note(`only saxes accepts: ${String(ours.details['problem'])}`, xml);
  return null;
}

async function checkAccepted(
  root: XmlElement,
  xml: string,
  random: Random,
  libxml2: Libxml2 | null,
  statistics: Statistics,
): Promise<Violation | null> {
  const saxes = readWithSaxes(xml);
  Statistics.count(statistics.comparisons, 'saxes: accepted documents');
  if (saxes.excluded)
    return { invariant: 'reader accepts what is never accepted', detail: 'DTD, instruction or encoding' };
  if (saxes.infoset !== null && !saxes.lax && !isDeepStrictEqual(infosetOf(root), saxes.infoset)) {
    return {
      invariant: 'saxes reads another tree',
      detail: firstDifference(JSON.stringify(infosetOf(root)), JSON.stringify(saxes.infoset)),
    };
  }
  if (libxml2 === null) return null;

  const { apex, part, how } = choosePart(root, random);
  const theirs = await libxml2.read(Buffer.from(xml), part);
  Statistics.count(statistics.comparisons, 'libxml2: accepted documents');
  if (theirs.error !== null) {
    if (saxes.error !== undefined) {
      return { invariant: 'reader accepts what both others refuse', detail: `${theirs.error} / ${saxes.error}` };
    }
    statistics.note(`only libxml2 refuses: ${theirs.error.replace(/^.*(?=is not|already)/s, '… ')}`, xml);
    return null;
  }
  if (saxes.error !== undefined) statistics.note(`only saxes refuses: ${saxes.error.replace(/\d+/g, '…')}`, xml);
  if (theirs.whole !== canonicalize(root, { method: 'inclusive' })) {
    return {
      invariant: 'libxml2 reads another tree',
      detail: firstDifference(canonicalize(root, { method: 'inclusive' }), theirs.whole),
    };
  }
  if (theirs.part !== canonicalize(apex, how)) {
    return {
      invariant: 'libxml2 writes another canonical form',
      detail: `${JSON.stringify(part)} ${firstDifference(canonicalize(apex, how), theirs.part)}`,
    };
  }
  return null;
}

const prefixes = ['#default', 'a', 'A', 'b', 'aB', 'é', '\uFFFD', '\u{10000}', 'saml', 'samlp', 'ds', 'xs', 'unknown'];

function choosePart(root: XmlElement, random: Random): { apex: XmlElement; part: Part; how: Canonicalization } {
  const all = root.descendants();
  const index = random.below(all.length);
  const apex = all[index] ?? root;
  // Inherited xml:* attributes, which inclusive canonicalization copies, are refused before.
  const exclusive = random.oneIn(2) || inheritsXmlAttribute(apex);
  const listed = exclusive ? random.some(prefixes, 3) : [];
  const how: Canonicalization = exclusive
    ? { method: 'exclusive', prefixes: new Set(listed.map((prefix) => (prefix === '#default' ? '' : prefix))) }
    : { method: 'inclusive' };
  return { apex, part: { index, exclusive, prefixes: listed }, how };
}

function inheritsXmlAttribute({ parent }: XmlElement): boolean {
  if (parent === null) return false;
  return parent.attributes.some(({ namespace }) => namespace === XML_NAMESPACE) || inheritsXmlAttribute(parent);
}

/** Where our text and theirs part ways. */
function firstDifference(ours: string, theirs: string | null): string {
  if (theirs === null) return 'theirs failed';
  let at = 0;
  while (at < ours.length && ours[at] === theirs[at]) at++;
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 60), at + 100));
  return `at ${at}, ours ${around(ours)}, theirs ${around(theirs)}`;
}
