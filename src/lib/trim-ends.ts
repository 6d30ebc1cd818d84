/**
 * Removes characters at both ends of a text, in linear time: a pattern that is anchored at the end takes quadratic time.
 *
 * @param isRemoved whether the character of this code unit is removed
 */
export function trimEnds(text: string, isRemoved: (code: number) => boolean): string {
  let start = 0;
  let end = text.length;
  while (start < end && isRemoved(text.charCodeAt(start))) start++;
  while (start < end && isRemoved(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
