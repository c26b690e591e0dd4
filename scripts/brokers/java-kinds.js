// Brokers in Java: packages of Maven, and where they have no `main` of use, a small one in this folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaPackages } from './fetching.js';
import { started } from './processes.js';

const MISSING = 'install a JDK (17 or newer) and Maven';

const ours = (name) => join(import.meta.dirname, name);

/** A Java program with a small heap; Moquette and Artemis log nothing without being told how. */
const java = (classPath, ...args) => started('java', ['-Xmx256m', '-cp', classPath, ...args]);

export const javaKinds = [
  {
    name: 'HiveMQ CE',
    missing: MISSING,
    program: (tools) =>
      javaPackages(tools, 'hivemq', ['com.hivemq:hivemq-community-edition-embedded:2025.5']),
    version: () => '2025.5',
    start(program, { port, folder }) {
      for (const name of ['conf', 'data', 'extensions']) mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(
        join(folder, 'conf/config.xml'),
        `<?xml version="1.0"?>
<hivemq>
  <listeners><tcp-listener><port>${port}</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
</hivemq>
`,
      );
      return java(program, ours('HiveMqBroker.java'), folder);
    },
  },
  {
    name: 'Artemis',
    missing: MISSING,
    program: (tools) =>
      javaPackages(tools, 'artemis', [
        'org.apache.activemq:artemis-server:2.40.0',
        'org.apache.activemq:artemis-mqtt-protocol:2.40.0',
      ]),
    version: () => '2.40.0',
    start: (program, { port, folder }) => java(program, ours('ArtemisBroker.java'), String(port), folder),
  },
  {
    name: 'Moquette',
    lacks: ['retained'],
    missing: MISSING,
    program: (tools) => javaPackages(tools, 'moquette', ['io.moquette:moquette-broker:0.17']),
    version: () => '0.17',
    start(program, { port, folder }) {
      mkdirSync(join(folder, 'config'), { recursive: true });
      writeFileSync(
        join(folder, 'config/moquette.conf'),
        `host 127.0.0.1\nport ${port}\nwebsocket_port disabled\nallow_anonymous true\npersistence_enabled true\ndata_path ${folder}/\ntelemetry_enabled false\n`,
      );
      return started('java', [
        '-Xmx256m',
        `-Dmoquette.path=${folder}`,
        '-cp',
        program,
        'io.moquette.broker.Server',
      ]);
    },
  },
];
