/** The end of an error: `; did you mean --mqtt-url?`, or an empty text. `before` (`--`) is put before the name. */
export function suggestion(name: string, known: readonly string[], before: string): string {
  const near = nearest(name, known);
  return near ? `; did you mean ${before}${near}?` : '';
}

/** The known name that was probably meant: at most two letters differ, or `name` is the beginning of just one. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const allowed = name.length < 5 ? 1 : 2;
  const lower = name.toLowerCase();
  const close = known
    .map((other) => ({ other, slips: distance(lower, other.toLowerCase(), allowed) }))
    .filter(({ slips }) => slips <= allowed)
    .sort((a, b) => a.slips - b.slips)[0]?.other;
  if (close !== undefined) return close;
  const longer = known.filter(
    (other) => name.length >= 7 && other.startsWith(name) && !/^[_.-]/.test(other.slice(name.length)),
  );
  return longer.length === 1 ? longer[0] : undefined;
}

/** The edit distance (Levenshtein). Above `limit` the counting ends early: then it is just some number above it. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const slips = Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next.push(slips);
      least = Math.min(least, slips);
    }
    if (least > limit) return least;
    row = next;
  }
  return row[b.length] ?? 0;
}
