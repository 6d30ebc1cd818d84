const maxKeys = 10_000;

/** Makes a function that returns `true` once a day (UTC) for each key, so that a warning is not repeated at every login. */
export function onceADay(now: () => Date): (key: string) => boolean {
  let today = '';
  const seen = new Set<string>();
  return (key) => {
    const day = now().toISOString().slice(0, 10);
    if (day !== today) seen.clear();
    today = day;
    if (seen.has(key)) return false;
    // Bounded: beyond this, a warning may be repeated, but none is lost.
    if (seen.size < maxKeys) seen.add(key);
    return true;
  };
}
