import { LineCounter, parseDocument } from 'yaml';

type Parsed = { readonly value: unknown } | { readonly fault: string };

const UNKNOWN_ALIAS = 'a value that begins with * needs quotes';

/** What the parser's error codes mean. Its own messages are not used: they quote the text, perhaps a password. */
const FAULTS: Readonly<Record<string, string>> = {
  BAD_ALIAS: UNKNOWN_ALIAS,
  BAD_DQ_ESCAPE: 'in "quotes" a \\ is written \\\\',
  BAD_INDENT: 'its indent does not match the lines above',
  BAD_SCALAR_START: 'a value that begins with @, % or ` needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'the line below is indented too far, or a value with ": " needs quotes',
  DUPLICATE_KEY: 'this name stands here already',
  MISSING_CHAR: 'a quote, a comma, a colon or a bracket is missing',
  MULTIPLE_DOCS: 'a line --- begins a second document: only one is allowed',
  MULTILINE_IMPLICIT_KEY: 'a colon and a space are missing behind a name, or the indent is wrong',
  TAB_AS_INDENT: 'a tab stands in its indent: use spaces',
  TAG_RESOLVE_FAILED: 'a value that begins with ! needs quotes',
  UNEXPECTED_TOKEN:
    'something stands here that does not belong here; a value with special characters needs quotes',
};

/** Types that are not used, so that the text stays as written: as a number, a password such as 0123 or 1e5 is lost. */
const AS_TEXT = ['int', 'float', 'bool'].map((name) => `tag:yaml.org,2002:${name}`);

/** Parses YAML. Every scalar stays a text, except null. A fault names the line. */
export function parseYaml(text: string): Parsed {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !AS_TEXT.includes(tag.tag)),
  });
  // Further errors are mostly consequences of the first one.
  const [first] = [...document.errors, ...document.warnings];
  if (first) {
    const { line } = lineCounter.linePos(first.pos[0]);
    return { fault: `line ${line}: ${FAULTS[first.code] ?? 'this is not valid YAML'}` };
  }
  try {
    return { value: document.toJS() };
  } catch {
    // Found only here: an alias `*name` without its anchor `&name`, and aliases that expand to thousands of values.
    return { fault: `${UNKNOWN_ALIAS}, or is an alias for too many values` };
  }
}
