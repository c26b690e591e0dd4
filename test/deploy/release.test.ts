import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { root } from './_compose.js';

const APP = 'home-assistant-app/evse_mqtt_bridge';
const CHANGELOG =
  '# Changelog\n\n## Unreleased\n\n## 3.1.0 - 2026-01-02\n\n### Added\n- A thing.\n\n## 3.0.0 - 2025-01-01\n- Old.\n';

/** A repository with what scripts/release looks at, ready for release 3.1.0; `.ci/run` is told to pass or not. */
class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'evse-release-'));

  constructor(t: ExecutionContext) {
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
    for (const file of ['scripts/release', 'scripts/changelog.js']) {
      mkdirSync(join(this.folder, dirname(file)), { recursive: true });
      cpSync(join(root, file), join(this.folder, file));
    }
    this.write('package.json', '{"version":"3.1.0","type":"module"}');
    this.write('package-lock.json', '{"version":"3.1.0"}');
    this.write(`${APP}/config.yaml`, 'name: x\nversion: 3.1.0\n');
    this.write(`${APP}/Dockerfile`, 'LABEL io.hass.version="3.1.0"\n');
    this.write(`${APP}/CHANGELOG.md`, '## 3.1.0\n');
    this.write('CHANGELOG.md', CHANGELOG);
    this.write('docs/upgrade.md', '## To 3.1\n');
    this.write('.ci/run', '#!/bin/sh\nexit 0\n');
    this.git('init', '--quiet', '--initial-branch', 'main');
    this.git('config', 'user.name', 'test');
    this.git('config', 'user.email', 'test@localhost');
    this.commit();
  }

  write(file: string, text: string): void {
    mkdirSync(join(this.folder, dirname(file)), { recursive: true });
    writeFileSync(join(this.folder, file), text, { mode: 0o755 });
  }

  git(...args: string[]): string {
    const { stdout, stderr, status } = spawnSync('git', args, { cwd: this.folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  commit(): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', 'x');
  }

  release(...args: string[]) {
    return spawnSync('scripts/release', args, { cwd: this.folder, encoding: 'utf8' });
  }

  get tags(): string {
    return this.git('tag', '--list', '--format', '%(refname:short) %(contents)').trim();
  }
}

test('a release that is ready is tagged with what the changelog says; the same again is refused', (t) => {
  const checkout = new Checkout(t);
  t.is(checkout.release('--check').status, 0);
  t.is(checkout.tags, '');
  const { status, stdout, stderr } = checkout.release();
  t.is(status, 0, stderr);
  t.is(checkout.tags, 'v3.1.0 ### Added\n- A thing.');
  t.regex(stdout, /git push --atomic origin main v3\.1\.0/);
  t.regex(checkout.release().stderr, /the tag v3\.1\.0 exists/);
  t.is(checkout.release('--check').status, 0, 'the workflow checks it once more, with its tag');
});

for (const [what, change, said] of [
  ['a file is not committed', (one) => one.write('new', ''), /changes that are not committed/],
  [
    'the app has another version',
    (one) => one.write(`${APP}/config.yaml`, 'version: 3.0.9\n'),
    /config\.yaml says 3\.0\.9/,
  ],
  [
    'the lock file has another',
    (one) => one.write('package-lock.json', '{"version":"1.0.0"}'),
    /package-lock\.json says 1\.0\.0/,
  ],
  [
    'the changelog has no such version',
    (one) => one.write('CHANGELOG.md', '## 3.1.1 - 2026-01-02\n- x\n'),
    /no heading "## 3\.1\.0/,
  ],
  [
    'it has no date',
    (one) => one.write('CHANGELOG.md', '## 3.1.0 - soon\n- x\n'),
    /the date of 3\.1\.0 is "soon"/,
  ],
  [
    'something is left under Unreleased',
    (one) => one.write('CHANGELOG.md', CHANGELOG.replace('Unreleased\n', 'Unreleased\n- x\n')),
    /still has something/,
  ],
  ['nobody says how to upgrade', (one) => one.write('docs/upgrade.md', ''), /no heading "## To 3\.1"/],
  ['the tests fail', (one) => one.write('.ci/run', '#!/bin/sh\necho 1 failed >&2\nexit 1\n'), /1 failed/],
  ['it is another branch', (one) => one.git('switch', '--quiet', '--create', 'other'), /the branch other/],
] as const satisfies readonly (readonly [string, (one: Checkout) => void, RegExp])[]) {
  test(`no tag where ${what}`, (t) => {
    const checkout = new Checkout(t);
    change(checkout);
    if (what !== 'a file is not committed') checkout.commit();
    const { status, stderr } = checkout.release();
    t.not(status, 0);
    t.regex(stderr, said);
    t.is(checkout.tags, '');
  });
}

test('the workflow of a release starts scripts that are there, and publishes nothing unless it is told to', (t) => {
  const text = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8');
  const { jobs } = parse(text) as {
    jobs: Record<string, { steps: { run?: string; uses?: string; if?: string }[] }>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  for (const name of ['release', 'package', 'image', 'changelog.js'])
    t.true(text.includes(`scripts/${name}`));
  const publishing = steps.filter(({ run = '', uses = '' }) =>
    /npm publish|gh release|--push|attest/.test(run + uses),
  );
  t.true(publishing.length >= 5);
  for (const step of publishing) t.true(step.if?.startsWith("vars.PUBLISH == 'true'"), JSON.stringify(step));
  for (const { uses } of steps) if (uses) t.regex(uses, /^actions\/[\w-]+@v\d+$/);
});
