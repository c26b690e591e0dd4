// A Home Assistant on a free loopback port: started, set up and driven by its own API, as its browser page does it.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import WebSocket from 'ws';
import { until } from '../../test-node-red/rig.js';
import { INTEGRATIONS } from './installation.js';

const START_MS = 120_000;

const BLUEPRINTS = resolve(import.meta.dirname, '../../examples/home-assistant/blueprints');

/** Lines of its log at these levels are looked at. */
const COMPLAINT = /^\S+ \S+ (?:WARNING|ERROR|CRITICAL) /;
/** What its own parts say about the machine that it runs on. */
const OF_THE_MACHINE =
  /ffmpeg|turbojpeg|Skipping pip|zlib_ng|installation method|libpcap|bluetooth|custom integration|takes? (?:longer|over)|took \d+\.\d+ seconds|No ACK from MQTT server/i;
/** Newer ones try further integrations by themselves, whose packages are not installed. */
const NOT_SET_UP = /\[homeassistant\.setup\] .*(?:Setup failed for|dependencies of) '(\w+)'/;

export class HomeAssistant {
  states = new Map();
  #rig;
  #python;
  #folder;
  #port;
  #program;
  #token;
  #socket;
  #answers = new Map();
  #lastId = 0;
  #logRead = 0;

  /** `python`: the command of the one that it is installed for, as a list of words. */
  constructor(rig, python, port) {
    this.#rig = rig;
    this.#python = python;
    this.#port = port;
    this.#folder = rig.folder('home-assistant');
    const config = [
      'homeassistant:',
      `http: {server_host: 127.0.0.1, server_port: ${port}}`,
      'config:',
      'history:',
      'recorder: {commit_interval: 1}',
      'energy:',
      'automation: !include automations.yaml',
      'script:',
      'logger: {default: warning}',
    ];
    writeFileSync(join(this.#folder, 'configuration.yaml'), `${config.join('\n')}\n`);
    writeFileSync(join(this.#folder, 'automations.yaml'), '[]\n');
    // Since 2026.8 what the file says of `http` is taken back after 5 minutes, unless it is what was kept here before.
    const http = { server_host: ['127.0.0.1'], server_port: port };
    mkdirSync(join(this.#folder, '.storage'));
    writeFileSync(
      join(this.#folder, '.storage/http'),
      JSON.stringify({ version: 1, minor_version: 1, key: 'http', data: http }),
    );
    cpSync(BLUEPRINTS, join(this.#folder, 'blueprints/automation/evse'), { recursive: true });
  }

  get folder() {
    return this.#folder;
  }

  async start() {
    const [command, ...words] = this.#python;
    const args = [...words, '-m', 'homeassistant', '--config', this.#folder, '--skip-pip'];
    this.#program = this.#rig.start('home-assistant', command, args, {
      env: { HOME: this.#folder, VIRTUAL_ENV: join(this.#python.at(-1), '../..') },
    });
    await until(
      async () => {
        if (this.#program.child.exitCode !== null) throw new Error(`it ended:\n${this.#program.output}`);
        const answer = await fetch(`${this.#url}/manifest.json`).catch(() => undefined);
        return answer?.ok && (!this.#token || (await this.get('/api/config')).state === 'RUNNING');
      },
      () => `Home Assistant to answer:\n${this.#program.output}`,
      START_MS,
    );
    if (this.#token) await this.#connect();
  }

  async restart() {
    this.#socket.close();
    await this.#program.stop('SIGINT', 60_000);
    await this.start();
  }

  /** Makes the owner, logs in, and names the broker, with its `account` ({username, password}) if it has one. */
  async setUp(brokerPort, account = {}) {
    const client = `${this.#url}/`;
    const user = { client_id: client, name: 'Owner', username: 'owner', password: 'owner', language: 'en' };
    const { auth_code } = await this.post('/api/onboarding/users', user);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: auth_code,
      client_id: client,
    });
    const login = await fetch(`${this.#url}/auth/token`, { method: 'POST', body: form });
    this.#token = (await login.json()).access_token;
    await this.#connect();
    const flow = await this.post('/api/config/config_entries/flow', { handler: 'mqtt' });
    const broker = { broker: '127.0.0.1', port: brokerPort, ...account };
    // Since 2026 the form has a part for these, and wants it.
    if (flow.data_schema.some(({ name }) => name === 'other_settings')) {
      broker.other_settings = {
        set_client_cert: false,
        set_ca_cert: 'off',
        tls_insecure: false,
        transport: 'tcp',
      };
    }
    const entry = await this.post(`/api/config/config_entries/flow/${flow.flow_id}`, broker);
    if (entry.type !== 'create_entry') throw new Error(`no MQTT: ${JSON.stringify(entry)}`);
    this.mqttEntry = entry.result.entry_id;
  }

  get(path) {
    return this.#request('GET', path);
  }

  post(path, body) {
    return this.#request('POST', path, body);
  }

  /** Calls a service on one entity, as its dashboard does. */
  call(service, entity_id, data = {}) {
    return this.post(`/api/services/${service.replace('.', '/')}`, { entity_id, ...data });
  }

  /** Makes an automation of one of the repository's blueprints; returns its entity. */
  async blueprint(file, input) {
    const path = `evse/${file}`;
    const found = (await this.ask('blueprint/list', { domain: 'automation' }))[path];
    if (!found || found.error) throw new Error(`${path}: ${found?.error ?? 'not found'}`);
    const automation = { alias: 'Blueprint', use_blueprint: { path, input } };
    await this.post('/api/config/automation/config/blueprint', automation);
    await until(() => this.states.get('automation.blueprint')?.state === 'on', 'the automation');
    return 'automation.blueprint';
  }

  /** One command over the WebSocket. */
  ask(type, members = {}) {
    const id = ++this.#lastId;
    return new Promise((done, fail) => {
      this.#answers.set(id, ({ success, result, error }) =>
        success ? done(result) : fail(new Error(`${type}: ${error.message}`)),
      );
      this.#socket.send(JSON.stringify({ id, type, ...members }));
    });
  }

  /** The registered MQTT entities of a device by the end of their unique ids. */
  async entities(device) {
    const all = await this.ask('config/entity_registry/list');
    return new Map(
      all
        .filter(({ platform, unique_id }) => platform === 'mqtt' && unique_id.startsWith(`${device}_`))
        .map((entry) => [entry.unique_id.slice(device.length + 1), entry]),
    );
  }

  /** What its log complains about since the last call, but for what the machine lacks. */
  complaints() {
    const text = readFileSync(join(this.#folder, 'home-assistant.log'), 'utf8');
    // At each start it begins a new file.
    const fresh = text.slice(text.length < this.#logRead ? 0 : this.#logRead);
    this.#logRead = text.length;
    const concernsUs = (line) => {
      const [, integration] = NOT_SET_UP.exec(line) ?? [];
      return integration === undefined || INTEGRATIONS.includes(integration);
    };
    return fresh
      .split('\n')
      .filter((line) => COMPLAINT.test(line) && !OF_THE_MACHINE.test(line) && concernsUs(line));
  }

  get #url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  async #request(method, path, body) {
    const headers = { 'content-type': 'application/json' };
    if (this.#token) headers.authorization = `Bearer ${this.#token}`;
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  async #connect() {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/api/websocket`);
    this.#socket = socket;
    const ready = new Promise((done, fail) => {
      socket.once('error', fail);
      socket.on('message', (bytes) => {
        const message = JSON.parse(bytes.toString());
        if (message.type === 'auth_required')
          socket.send(JSON.stringify({ type: 'auth', access_token: this.#token }));
        else if (message.type === 'auth_ok') done();
        else if (message.type === 'auth_invalid') fail(new Error(message.message));
        else if (message.type === 'result') this.#answers.get(message.id)?.(message);
        else if (message.type === 'event') this.#changed(message.event.data);
      });
    });
    await ready;
    await this.ask('subscribe_events', { event_type: 'state_changed' });
    this.states = new Map((await this.get('/api/states')).map((state) => [state.entity_id, state]));
  }

  #changed({ entity_id, new_state }) {
    if (new_state) this.states.set(entity_id, new_state);
    else this.states.delete(entity_id);
  }
}
