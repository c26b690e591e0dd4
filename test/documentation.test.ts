import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { commands } from '../src/commands/index.js';
import { optionName, rows } from '../src/config/settings.js';

// What the documentation names must be there: links, files, settings, options, commands, npm scripts.

const root = resolve(import.meta.dirname, '../..');
const SKIPPED = new Set(['node_modules', 'build', 'dist', 'coverage', '.git']);

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const pages = markdownIn('.').map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
/** A changelog also names what is no more. */
const current = pages.filter(({ file }) => !file.endsWith('CHANGELOG.md'));

/** The code of a page, line by line: fenced blocks and spans. */
function codeOf(text: string): { spans: string[]; lines: string[] } {
  const lines: string[] = [];
  const rest = text.replace(/^ *```\w*\n([\s\S]*?)^ *```/gm, (_, block: string) => {
    lines.push(...block.replaceAll('\\\n', ' ').split('\n'));
    return '';
  });
  const spans = [...rest.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? '').replace(/\s+/g, ' '));
  return { spans, lines };
}

/** The anchors that a page offers, as the usual renderers make them from its headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** What `find` finds wrong in the current pages, with the page. */
function wrongIn(find: (text: string, file: string) => readonly string[]): string[] {
  return current.flatMap(({ file, text }) => find(text, file).map((what) => `${file}: ${what}`));
}

test('no page has both sides of a merge in it', (t) => {
  t.deepEqual(
    pages.filter(({ text }) => /^(?:<{7}|={7}|>{7})(?: .*)?$/m.test(text)).map(({ file }) => file),
    [],
  );
});

test('every relative link leads to a file, and its anchor to a heading', (t) => {
  const wrong = wrongIn((text, file) => {
    const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '');
    const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
    return targets
      .filter((target) => !/^(?:https?|mailto):/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const full = path === '' ? join(root, file) : resolve(root, dirname(file), path);
        if (!existsSync(full)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(full, 'utf8')).has(anchor);
      });
  });
  t.deepEqual(wrong, []);
});

test('what the docs name as part of a source file is in that file', (t) => {
  const wrong = wrongIn((text) =>
    [...text.replace(/\s+/g, ' ').matchAll(/`#?(\w+)`(?:,)? (?:of|in) `(src\/[\w/.-]+\.ts)`/g)]
      .filter(([, name = '', file = '']) => {
        const path = join(root, file);
        return !existsSync(path) || !new RegExp(`\\b${name}\\b`).test(readFileSync(path, 'utf8'));
      })
      .map(([what]) => what),
  );
  t.deepEqual(wrong, []);
});

test('every page is named in README.md', (t) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const missing = readdirSync(join(root, 'docs')).filter(
    (file) => file.endsWith('.md') && !file.includes('.de.') && !readme.includes(`(docs/${file})`),
  );
  t.deepEqual(missing, []);
});

/** What an owner looks for in the page about running the program. */
const OPERATIONS = [
  'Node.js',
  'Settings',
  'Test the configuration',
  'Several chargers',
  'The broker',
  'Writes',
  'Topics of the bridge itself',
  'Availability',
  'Containers',
  'Health and metrics',
  'Logs',
];

test('docs/operations.md has a section for each part of running the program', (t) => {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const found = [...text.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
  t.deepEqual(
    OPERATIONS.filter((heading) => !found.includes(heading)),
    [],
  );
});

const settings = new Set(
  [...rows].flatMap(([, { env, secret }]) => (secret ? [env, `${env}_FILE`] : [env])).concat('CONFIG_FILE'),
);

/** Variables that other programs read. */
const FOREIGN = new Set(['NODE_OPTIONS', 'NO_COLOR']);

/** Constants, and variables of our tests, benchmarks, stacks and of the Node-RED flow, which are no settings. */
const ours = new Set(
  ['src', 'test', 'bench', 'scripts', 'examples']
    .flatMap((folder) =>
      (readdirSync(join(root, folder), { recursive: true }) as string[]).map((file) => join(folder, file)),
    )
    .concat('.env.example')
    .filter((file) => /\.(?:ts|js|sh)$|flow\.json$|\.env\.example$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const found = [
        ...text.matchAll(/process\.env\.([A-Z]\w+)|"name": ?"([A-Z]\w+)"|^([A-Z]\w+)=|^const ([A-Z]\w+)/gm),
      ];
      return found.map((match) => match.slice(1).find((name) => name !== undefined) ?? '');
    }),
);

const VARIABLE = /(?<![\w<{.-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b(?!…|\*)/g;

/** Specifications also name constants of other programs, and settings that are planned. */
const isSpecification = (file: string) => file.startsWith('docs/spec') || file.startsWith('test/data');

test('every variable that the docs name is a setting', (t) => {
  const wrong = wrongIn((text, file) => {
    if (isSpecification(file)) return [];
    const { spans, lines } = codeOf(text);
    return [...spans, ...lines]
      .flatMap((code) => code.match(VARIABLE) ?? [])
      .filter((name) => !settings.has(name) && !ours.has(name) && !FOREIGN.has(name));
  });
  t.deepEqual(wrong, []);
});

test('contract 2: a setting exists, or it is marked as planned', (t) => {
  const text = readFileSync(join(root, 'docs/spec/contract.md'), 'utf8');
  const section = text.slice(text.indexOf('## 2.'), text.indexOf('## 3.'));
  const cells = [...section.matchAll(/^\| (`[A-Z].*?) \| /gm)].map((match) => match[1] ?? '');
  t.true(cells.length > 25);
  const named = cells.flatMap((cell) =>
    (cell.match(/`[A-Z_]+`/g) ?? []).map((name) => ({
      name: name.slice(1, -1),
      planned: cell.includes('[planned]'),
    })),
  );
  const missing = named.filter(({ name, planned }) => !planned && !settings.has(name));
  t.deepEqual(missing, [], 'docs/spec/contract.md names a setting that does not exist');
  const built = named.filter(({ name, planned }) => planned && settings.has(name));
  t.deepEqual(built, [], 'docs/spec/contract.md: remove [planned] from what is built now');
});

test('every key of a settings file that the docs name is one', (t) => {
  const keys = [...rows].flatMap(([key, { secret }]) => (secret ? [key, `${key}File`] : [key]));
  const groups = new Set(keys.map((key) => key.split('.')[0] ?? ''));
  const wrong = wrongIn((text, file) => {
    if (isSpecification(file)) return [];
    return codeOf(text)
      .spans.map((span) => span.replace(/(?::.*|\.\*)$/, ''))
      .filter((span) => /^[a-z]+(?:\.[a-zA-Z]+)+$/.test(span) && groups.has(span.split('.')[0] ?? ''))
      .filter((span) => !/\.(?:md|ts|js|json|yaml|conf)$/.test(span))
      .filter((span) => !keys.some((key) => key === span || key.startsWith(`${span}.`)));
  });
  t.deepEqual(wrong, []);
});

const options = new Set([
  ...[...settings].map(optionName),
  ...['config', 'format', 'month', 'help', 'version', 'output', 'seconds', 'record', 'replay'],
]);

/** The words after the program's name in a line of code; undefined where another program is meant. */
function argumentsIn(code: string): string[] | undefined {
  const match =
    /dist\/main\.js((?: [^|;&#>`]*)?)/.exec(code) ??
    /(?:evse-mqtt-bridge|npm start(?: -s| --silent)? --)((?: [^|;&#>`]*)?)/.exec(code);
  if (!match || /docker (?:build|run|rm)/.test(code)) return undefined;
  return (match[1] ?? '').trim().split(/\s+/).filter(Boolean);
}

test('every option of the program that the docs name exists', (t) => {
  const wrong = wrongIn((text, file) => {
    if (isSpecification(file)) return [];
    const { spans, lines } = codeOf(text);
    const used = [...spans, ...lines].flatMap((code) => argumentsIn(code) ?? []);
    const alone = spans.filter((span) => /^--[a-z][a-z-]+(?: |=|$)/.test(span));
    const names = [...used, ...alone].flatMap((word) => /^--([a-z][a-z-]+)/.exec(word)?.[1] ?? []);
    return names.filter((name) => !options.has(name) && !OTHERS.has(name)).map((name) => `--${name}`);
  });
  t.deepEqual(wrong, []);
});

/** Options of other programs that stand alone in a span. */
const OTHERS = new Set([
  'expose-gc',
  'match',
  'push',
  'max-semi-space-size',
  'enable-source-maps',
  'stand-in',
  'volumes',
]);

test('every command of the program that the docs name exists', (t) => {
  const named = current.flatMap(({ file, text }) => {
    const { spans, lines } = codeOf(text);
    return [...spans, ...lines].flatMap((code) => {
      const [first] = argumentsIn(code) ?? [];
      return first !== undefined && /^[a-z]+$/.test(first) ? [{ file, command: first }] : [];
    });
  });
  t.true(named.length > 5);
  for (const { file, command } of named) {
    t.true(Object.hasOwn(commands, command), `${file} names the command ${command}`);
  }
});

test('every npm script that the docs name exists', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const wrong = wrongIn((text) => {
    const { spans, lines } = codeOf(text);
    return [...spans, ...lines]
      .flatMap((code) => [...code.matchAll(/\bnpm (?:run (?:-s |--silent )?([\w:-]+)|(test|start)\b)/g)])
      .map((match) => match[1] ?? match[2] ?? '')
      .filter((script) => !(script in scripts));
  });
  t.deepEqual(wrong, []);
});

const tops = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
  .map(({ name }) => name);

/** A charger has topics such as `config/reset`; our own folder has only files. */
const isPath = (span: string) =>
  tops.includes(span.split('/')[0] ?? '') &&
  /^[\w.@/*-]+\/[\w.@/*-]*$/.test(span) &&
  !/^config\/[a-z_/]+$/.test(span);

test('every file and folder of the repository that the docs name is there', (t) => {
  const wrong = wrongIn((text) =>
    codeOf(text)
      .spans.filter(isPath)
      .filter((span) => !existsSync(join(root, span.replace(/\/?\*.*$/, '')))),
  );
  t.deepEqual(wrong, []);
});

test('package.json, repository.yaml and the Debian package name the same place; the first two the same authors', (t) => {
  const { homepage, bugs, repository, author } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as { homepage: string; bugs: { url: string }; repository: { url: string }; author: string };
  const store = parse(readFileSync(join(root, 'repository.yaml'), 'utf8')) as {
    url: string;
    maintainer: string;
  };
  t.is(store.url, homepage);
  t.is(store.maintainer, author);
  t.true(readFileSync(join(root, 'packaging/debian/control'), 'utf8').includes(`\nHomepage: ${homepage}\n`));
  t.is(bugs.url, `${homepage}/issues`);
  t.is(repository.url, `git+${homepage}.git`);
});

test('the workflow runs .ci/run under Node 20, 22 and 24, on amd64 and arm64', (t) => {
  const { jobs } = parse(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')) as {
    jobs: { check: { strategy: { matrix: object }; steps: { run?: string }[] } };
  };
  t.deepEqual(jobs.check.strategy.matrix, { node: [20, 22, 24], arch: ['amd64', 'arm64'] });
  t.true(jobs.check.steps.some(({ run }) => run === '.ci/run'));
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  t.is(engines.node, '>=20.19');
});

test('issue forms are valid, and a report of a fault needs the output of check and a recording', (t) => {
  const folder = join(root, '.github/ISSUE_TEMPLATE');
  const forms = readdirSync(folder).filter((file) => file !== 'config.yml');
  for (const file of forms) {
    const form = parse(readFileSync(join(folder, file), 'utf8')) as {
      name: string;
      description: string;
      body: { type: string; id?: string; attributes: { label?: string; value?: string } }[];
    };
    t.true(form.name.length > 0 && form.description.length > 0, file);
    const ids = form.body.flatMap(({ id }) => id ?? []);
    t.is(new Set(ids).size, ids.length, file);
    for (const { type, attributes } of form.body)
      t.truthy(type === 'markdown' ? attributes.value : attributes.label, file);
  }
  const fault = parse(readFileSync(join(folder, 'fault.yml'), 'utf8')) as {
    body: { id?: string; validations?: { required: boolean } }[];
  };
  const required = fault.body.filter(({ validations }) => validations?.required).map(({ id }) => id);
  t.deepEqual(required, ['what', 'check', 'recording', 'version']);
});
