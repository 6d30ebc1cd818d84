/** The candidate that `word` may be a misspelling of. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const folded = word.toLowerCase();
  const exact = candidates.find((candidate) => candidate.toLowerCase() === folded);
  if (exact !== undefined) return exact;
  const close = candidates.filter((candidate) => isClose(word, candidate));
  const distances = close.map((candidate) => editDistance(folded, candidate.toLowerCase()));
  return close[distances.indexOf(Math.min(...distances))];
}

function isClose(word: string, candidate: string): boolean {
  const [a, b] = [word.toLowerCase(), candidate.toLowerCase()];
  if (a.length >= 4 && (b.startsWith(a) || a.startsWith(b))) return true;
  return Math.abs(a.length - b.length) <= 2 && editDistance(a, b) <= (Math.min(a.length, b.length) > 4 ? 2 : 1);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replace = (previous[j] ?? 0) + (letter === b[j] ? 0 : 1);
      row.push(Math.min(replace, (previous[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
