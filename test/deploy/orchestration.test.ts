import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { readConfig } from '../../src/config/index.js';
import { rows } from '../../src/config/settings.js';
import { root } from './_compose.js';

// The examples for several processes: Kubernetes, Nomad, and one machine with systemd.

const kubernetes = join(root, 'examples/kubernetes');
const read = (file: string) => readFileSync(join(kubernetes, file), 'utf8');

interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly configMapGenerator: readonly {
    readonly name: string;
    readonly envs?: readonly string[];
    readonly files?: readonly string[];
  }[];
  readonly secretGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
}
const kustomization = parse(read('kustomization.yaml')) as Kustomization;

/** Where the type of each kind of object is declared. */
const TYPES: Readonly<Record<string, readonly [module: string, type: string]>> = {
  'v1 Namespace': ['kubernetes-types/core/v1.js', 'Namespace'],
  'v1 Service': ['kubernetes-types/core/v1.js', 'Service'],
  'apps/v1 StatefulSet': ['kubernetes-types/apps/v1.js', 'StatefulSet'],
  'networking.k8s.io/v1 NetworkPolicy': ['kubernetes-types/networking/v1.js', 'NetworkPolicy'],
  'monitoring.coreos.com/v1 PodMonitor': [
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
    'IPodMonitor',
  ],
};

/** What the compiler finds wrong with `objects`, by the schemas of Kubernetes: also members that do not exist. */
function schemaFaults(objects: readonly { apiVersion: string; kind: string }[]): string {
  // Inside the project, so that the types are found.
  mkdirSync(join(root, 'build'), { recursive: true });
  const folder = mkdtempSync(join(root, 'build/kubernetes-'));
  try {
    const lines = objects.map((object, at) => {
      const [module, type] = TYPES[`${object.apiVersion} ${object.kind}`] ?? [];
      return `import type { ${type} as T${at} } from '${module}';\nexport const o${at}: T${at} = ${JSON.stringify(object)};`;
    });
    const file = join(folder, 'objects.ts');
    writeFileSync(file, lines.join('\n'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', 'node'];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, '--ignoreConfig', ...options, file], {
      encoding: 'utf8',
    });
    return status === 0 ? '' : stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const objects = kustomization.resources.map((file) => parse(read(file)));
const statefulSet = objects.find(({ kind }) => kind === 'StatefulSet');
const [container] = statefulSet.spec.template.spec.containers;

test('every object fits the schema of its kind', (t) => {
  t.is(schemaFaults(objects), '');
});

test('the check of the schemas sees a misspelt member and a wrong type', (t) => {
  const misspelt = structuredClone(statefulSet);
  misspelt.spec.template.spec.containers[0].volumeMount = [];
  t.regex(schemaFaults([misspelt]), /volumeMount/);
  const wrong = structuredClone(statefulSet);
  wrong.spec.replicas = 'two';
  t.regex(schemaFaults([wrong]), /string/);
  const podMonitor = structuredClone(objects.find(({ kind }) => kind === 'PodMonitor'));
  podMonitor.spec.podMetricsEndpoint = [];
  t.regex(schemaFaults([podMonitor]), /podMetricsEndpoint/);
});

test('what the objects name exists', (t) => {
  const { volumes } = statefulSet.spec.template.spec;
  const maps = kustomization.configMapGenerator.map(({ name }) => name);
  const secrets = kustomization.secretGenerator.map(({ name }) => name);
  const keys = kustomization.secretGenerator.flatMap(({ files }) => files.map((file) => file.split('=')[0]));
  for (const { configMap, secret } of volumes) {
    if (configMap) t.true(maps.includes(configMap.name));
    if (secret) t.true(secrets.includes(secret.secretName));
  }
  for (const { configMapRef } of container.envFrom) t.true(maps.includes(configMapRef.name));
  for (const { valueFrom } of container.env)
    if (valueFrom?.secretKeyRef) t.true(keys.includes(valueFrom.secretKeyRef.key));
  const mounted = volumes.map(({ name }: { name: string }) => name);
  t.deepEqual(container.volumeMounts.map(({ name }: { name: string }) => name).sort(), mounted.sort());
  t.deepEqual(
    kustomization.images.map(({ name }) => name),
    [container.image],
  );
  for (const { files = [], envs = [] } of kustomization.configMapGenerator)
    for (const file of [...files, ...envs]) t.notThrows(() => read(file));
  t.deepEqual(
    kustomization.configMapGenerator.find(({ name }) => name === 'chargers')?.files,
    readdirSync(join(kubernetes, 'chargers')).map((file) => `chargers/${file}`),
  );
});

/** The variables that pod number `ordinal` has, with the files where they are in the pod put into `folder`. */
function podEnvironment(ordinal: number, folder: string): Record<string, string> {
  const lines = read('settings.env').trim().split('\n');
  const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
  for (const { name, value } of container.env) env[name] = value ?? 'from-elsewhere';
  env.POD_NAME = `evse-mqtt-bridge-${ordinal}`;
  env.SHARD = env.SHARD.replace('$(POD_NAME)', env.POD_NAME);
  env.CHARGERS_DIR = join(kubernetes, 'chargers');
  for (const name of Object.keys(env).filter((one) => one.endsWith('_FILE')))
    env[name] = join(folder, 'secret');
  return env;
}

test('the pods share out the chargers of the example, and each takes its settings', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evse-pods-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'secret'), 'a secret');
  const { replicas } = statefulSet.spec;
  const pods = [];
  for (let ordinal = 0; ordinal < replicas; ordinal++)
    pods.push(await readConfig([], podEnvironment(ordinal, folder)));
  t.deepEqual(pods.flatMap(({ chargers }) => chargers.map(({ prefix }) => prefix)).sort(), [
    'garage/left',
    'garage/right',
  ]);
  for (const { values } of pods) {
    t.is(values.shard?.count, replicas);
    t.is(values['mqtt.password'], 'a secret');
    t.is(values['http.host'], '0.0.0.0');
    t.is(values['http.port'], container.ports[0].containerPort);
  }
});

test('the probes ask what everybody may ask', (t) => {
  t.deepEqual(
    [container.livenessProbe.httpGet.path, container.readinessProbe.httpGet.path],
    ['/livez', '/readyz'],
  );
});

const job = readFileSync(join(root, 'examples/nomad/evse-mqtt-bridge.nomad.hcl'), 'utf8');

test('Nomad: every variable is a setting, and the shares are as many as the processes', (t) => {
  const known = new Set(rows.flatMap(([, { env, secret }]) => (secret ? [env, `${env}_FILE`] : [env])));
  const names = [...job.matchAll(/^ +([A-Z][A-Z_]+) += "/gm)].map(([, name = '']) => name);
  t.true(names.length > 5);
  for (const name of names) t.true(known.has(name), name);
  const [, count] = /\bcount = (\d+)/.exec(job) ?? [];
  const [, shares] = /NOMAD_ALLOC_INDEX\}\/(\d+)"/.exec(job) ?? [];
  t.is(count, shares);
});

test('Nomad: the chargers in the job are those that the program reads', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evse-nomad-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const templates = job.matchAll(
    /destination = "local\/chargers\.d\/([\w.-]+)"[\s\S]*?<<-EOT\n([\s\S]*?)\n\s*EOT/g,
  );
  for (const [, name = '', text = ''] of templates) {
    const indent = /^ */.exec(text)?.[0].length ?? 0;
    writeFileSync(join(folder, name), text.replaceAll(new RegExp(`^ {${indent}}`, 'gm'), ''));
  }
  const { chargers } = await readConfig([], { CHARGERS_DIR: folder });
  t.deepEqual(
    chargers.map(({ prefix }) => prefix),
    ['garage/left', 'garage/right'],
  );
});
