/** A test for any of `patterns`, in which `*` stands for any characters, `/` among them. */
export function matcher(patterns: readonly string[]): (text: string) => boolean {
  const alternatives = patterns.map((pattern) => pattern.split('*').map(escapeLiteral).join('.*'));
  const any = new RegExp(`^(?:${alternatives.join('|')})$`);
  return patterns.length === 0 ? () => false : (text) => any.test(text);
}

function escapeLiteral(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
