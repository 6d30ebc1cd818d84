import type { Case } from './cases/case.ts';

/**
 * Cuts pieces out of an input, large ones first, as long as it fails in the same way (delta debugging).
 *
 * @param seconds when to be content with what there is
 */
export async function minimise(
  { kind, input, isField, check }: Case,
  invariant: string,
  seconds: number,
): Promise<string> {
  const end = Date.now() + seconds * 1000;
  const decoded = Buffer.from(input, 'base64');
  // A field that is not plain base64 of UTF-8 is cut as it stands.
  const cutsXml = isField && Buffer.from(decoded.toString()).toString('base64') === input;
  const restore = (text: string): string => (cutsXml ? Buffer.from(text).toString('base64') : text);
  const fails = async (text: string): Promise<boolean> => (await check(restore(text)))?.invariant === invariant;

  let text = cutsXml ? decoded.toString() : input;
  // Whatever is cut out of a genuine message, it is refused.
  if (kind === 'genuine') return text;
  for (let size = Math.ceil(text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < text.length && Date.now() < end; ) {
      const shorter = text.slice(0, at) + text.slice(at + size);
      if (await fails(shorter)) text = shorter;
      else at += size;
    }
  }
  return text;
}
