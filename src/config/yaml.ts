import { LineCounter, parseDocument } from 'yaml';

type Parsed = { readonly value: unknown } | { readonly fault: string };

const UNKNOWN_ALIAS = 'a value that begins with * needs quotes';

/** What the parser's codes mean to a person. Its own words would show the text around, which may be a password. */
const FAULTS: Readonly<Record<string, string>> = {
  BAD_ALIAS: UNKNOWN_ALIAS,
  BAD_DQ_ESCAPE: 'in "quotes" a \\ is written \\\\',
  BAD_INDENT: 'its indent does not match the lines above',
  BAD_SCALAR_START: 'a value that begins with @, % or ` needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'the line below is indented too far, or a value with ": " needs quotes',
  DUPLICATE_KEY: 'this name stands here already',
  MISSING_CHAR: 'a quote, a comma, a colon or a bracket is missing',
  MULTIPLE_DOCS: 'a line --- begins a second document: one is read',
  MULTILINE_IMPLICIT_KEY: 'a colon and a space are missing behind a name, or the indent is wrong',
  TAB_AS_INDENT: 'a tab stands in its indent: use spaces',
  TAG_RESOLVE_FAILED: 'a value that begins with ! needs quotes',
  UNEXPECTED_TOKEN:
    'something stands here that does not belong here; a value with special characters needs quotes',
};

/** Values that stay the text that was written: a password of digits, with a 0 in front or an e inside, is no number. */
const AS_TEXT = ['int', 'float', 'bool'].map((name) => `tag:yaml.org,2002:${name}`);

/** Parses YAML: every scalar is a text but null. Faults name the line. */
export function parseYaml(text: string): Parsed {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !AS_TEXT.includes(tag.tag)),
  });
  // Those behind the first are mostly its consequences.
  const [first] = [...document.errors, ...document.warnings];
  if (first) {
    const { line } = lineCounter.linePos(first.pos[0]);
    return { fault: `line ${line}: ${FAULTS[first.code] ?? 'this is not valid YAML'}` };
  }
  try {
    return { value: document.toJS() };
  } catch {
    // What is found so late: a value *name without a &name, and values that stand for thousands of others.
    return { fault: `${UNKNOWN_ALIAS}, or stands for too many others` };
  }
}
