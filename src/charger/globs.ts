/** A test for any of `patterns`, in which `*` stands for any characters, `/` among them. */
export function matcher(patterns: readonly string[]): (text: string) => boolean {
  const split = patterns.map((pattern) => pattern.split('*'));
  return (text) => split.some((literals) => matches(text, literals));
}

/**
 * Whether `text` is the literals in their order, with anything between them. The first place where a literal fits is as
 * good as any later one, so no place is tried twice. A regular expression could take seconds for a pattern with many
 * `*`.
 */
function matches(text: string, [first = '', ...rest]: readonly string[]): boolean {
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const literal of rest) {
    const found = text.indexOf(literal, at);
    if (found === -1) return false;
    at = found + literal.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
