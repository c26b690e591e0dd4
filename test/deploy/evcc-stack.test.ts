import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { folder, mountsOf, readStack, root } from './_compose.js';
import { Room } from './_stack.js';

interface EvccSettings {
  readonly mqtt?: { readonly broker: string; readonly user: string; readonly password: string };
  readonly chargers: readonly Readonly<Record<string, unknown>>[];
  readonly loadpoints: readonly { readonly charger: string }[];
}

const stack = join(folder, 'evcc');
const files = readdirSync(stack).filter((name) => /^evcc.*\.yaml$/.test(name));
const settingsOf = (file: string) => parse(readFileSync(file, 'utf8')) as EvccSettings;

/** The chargers in the examples of docs/evcc.md, which test/documentation-evcc.test.ts holds against what evcc requires. */
const documented = [
  ...readFileSync(join(root, 'docs/evcc.md'), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g),
].flatMap(([, block = '']) => (parse(block) as EvccSettings).chargers);

test('there is a file for each of the three ways, and the stack takes one of them', (t) => {
  t.deepEqual(files, ['evcc-custom.yaml', 'evcc-websocket.yaml', 'evcc.yaml']);
  const compose = readStack('evcc');
  const mounts = compose.services.evcc ? mountsOf(compose, compose.services.evcc) : [];
  t.is(mounts.find(({ target }) => target === '/etc/evcc.yaml')?.source, './secrets/evcc.yaml');
  const texts = ['.env.example', 'README.md'].map((name) => readFileSync(join(stack, name), 'utf8'));
  for (const text of texts) for (const file of files) t.true(text.includes(file), file);
});

for (const file of files) {
  test(`${file}: its charger is that of docs/evcc.md, but for the broker of the stack and its login`, (t) => {
    const { chargers, loadpoints, mqtt } = settingsOf(join(stack, file));
    const [charger = {}] = chargers;
    const { user, password, ...rest } = charger;
    const example = documented.find(({ type, template }) => type === rest.type && template === rest.template);
    t.deepEqual(rest, { ...example, ...(rest.host === undefined ? {} : { host: 'mosquitto' }) });
    t.deepEqual(
      loadpoints.map((one) => one.charger),
      [charger.name],
    );
    if (rest.template === 'tinkerforge-warp-ws') t.is(user, undefined);
    else
      t.deepEqual(mqtt ?? { broker: 'mosquitto:1883', user, password }, {
        broker: 'mosquitto:1883',
        user: 'evcc',
        password: 'EVCC_PASSWORD',
      });
  });
}

test('setup.sh puts the password of evcc into its settings', (t) => {
  const room = new Room('evcc');
  t.teardown(() => room.remove());
  room.setUp();
  const password = room.secret('evcc');
  t.true(password.length >= 16);
  t.is(settingsOf(join(room.path, 'secrets/evcc.yaml')).chargers[0]?.password, password);
  t.is(settingsOf(join(room.path, 'secrets/evcc-custom.yaml')).mqtt?.password, password);
  t.is(room.mode('secrets/evcc.yaml'), '644');
  t.is(room.mode('secrets'), '700');
});
