// Fetching brokers with the ordinary clients: Go, Cargo, pip, Maven. What has been fetched stays in the folder `tools`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed } from './processes.js';

/** Longest time for fetching one broker, ms; rumqttd is built from two hundred crates. */
const FETCH_MS = 120_000;
const BUILD_MS = 1_800_000;

function fetched(command, args, options = {}) {
  const { env = {}, cwd, timeout = FETCH_MS } = options;
  const settings = { env: { ...process.env, ...env }, timeout, stdio: 'ignore', cwd };
  return spawnSync(command, args, settings).status === 0;
}

/** A program of a Go module, built into `tools`. */
export function goProgram(tools, name, module) {
  const file = join(tools, name);
  if (!existsSync(file) && installed('go')) fetched('go', ['install', module], { env: { GOBIN: tools } });
  return existsSync(file) ? file : undefined;
}

/** A program of a crate, built into `tools`. */
export function crateProgram(tools, name, features) {
  const file = join(tools, 'bin', name);
  if (!existsSync(file) && installed('cargo'))
    fetched('cargo', ['install', name, '--root', tools, ...features], { timeout: BUILD_MS });
  return existsSync(file) ? file : undefined;
}

/** A program of a Python package, in a virtual environment below `tools`. */
export function pythonProgram(tools, name) {
  const folder = join(tools, name);
  const file = join(folder, 'bin', name);
  if (!existsSync(file) && installed('python3')) {
    fetched('python3', ['-m', 'venv', folder]);
    fetched(join(folder, 'bin/pip'), ['install', '-q', name]);
  }
  return existsSync(file) ? file : undefined;
}

/** The class path of Java packages, each `group:name:version`, with all that they need, in `tools`. */
export function javaPackages(tools, name, packages) {
  const folder = join(tools, `java-${name}`);
  if (!existsSync(folder) && installed('mvn')) {
    const project = join(tools, `maven-${name}`);
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'pom.xml'), projectOf(packages));
    const goal = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=jars'];
    if (fetched('mvn', goal, { cwd: project })) renameSync(join(project, 'jars'), folder);
  }
  return existsSync(folder) ? join(folder, '*') : undefined;
}

function projectOf(packages) {
  const dependencies = packages.map((one) => {
    const [group, name, version] = one.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>broker</artifactId><version>1</version>
<dependencies>${dependencies.join('')}</dependencies></project>`;
}
