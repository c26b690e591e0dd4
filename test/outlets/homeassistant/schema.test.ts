import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { documentFor, documents, everything, modelCharger, schema } from './_chargers.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
const valid = ajv.compile(schema);

test('the documents fit the schema, in both languages', (t) => {
  for (const [name, document] of documents()) {
    t.true(valid(document), `${name}: ${ajv.errorsText(valid.errors)}`);
  }
  t.true(valid(documentFor(modelCharger().charger, 'de')), ajv.errorsText(valid.errors));
  t.true(valid(everything()), ajv.errorsText(valid.errors));
});

/** What Home Assistant would refuse, or take and do wrong: each of these must not pass. */
const mutations: Readonly<Record<string, (document: Mutable) => void>> = {
  'a further member at the root': (d) => {
    d.retain = true;
  },
  'a further member of the device': (d) => {
    d.device.serial = 'x';
  },
  'a further member of the origin': (d) => {
    d.origin.support = 'x';
  },
  'no device': (d) => {
    delete d.device;
  },
  'no origin': (d) => {
    delete d.origin;
  },
  'no identifiers': (d) => {
    delete d.device.identifiers;
  },
  'empty identifiers': (d) => {
    d.device.identifiers = [];
  },
  'an unlinked web interface': (d) => {
    d.device.configuration_url = '192.0.2.10';
  },
  'no availability': (d) => {
    d.availability = [];
  },
  'availability by a filter': (d) => {
    d.availability[0].topic = 'warp/#';
  },
  'an unknown mode': (d) => {
    d.availability_mode = 'some';
  },
  'no components': (d) => {
    d.components = {};
  },
  'a key with capitals': (d) => {
    d.components.Power = d.components.problem;
  },
  'no platform': (d) => {
    delete d.components.problem.platform;
  },
  'no unique id': (d) => {
    delete d.components.problem.unique_id;
  },
  'a unique id with a blank': (d) => {
    d.components.problem.unique_id = 'a b';
  },
  'an unknown option': (d) => {
    d.components.problem.expire_after = 30;
  },
  'a retained command': (d) => {
    d.components.external_current.retain = true;
  },
  'a topic with a wildcard': (d) => {
    d.components.problem.state_topic = 'warp/+/state';
  },
  'a sensor that takes commands': (d) => {
    d.components.charger_state.command_topic = 'a';
  },
  'a sensor without a template': (d) => {
    delete d.components.allowed_current.value_template;
  },
  'a template without braces': (d) => {
    d.components.allowed_current.value_template = 'value_json.x';
  },
  'a sensor among the settings': (d) => {
    d.components.charger_state.entity_category = 'config';
  },
  'an enum without options': (d) => {
    delete d.components.charger_state.options;
  },
  'an enum with a unit': (d) => {
    d.components.charger_state.unit_of_measurement = 'A';
  },
  'options without enum': (d) => {
    delete d.components.charger_state.device_class;
  },
  'a current without a unit': (d) => {
    delete d.components.allowed_current.unit_of_measurement;
  },
  'a current in mA': (d) => {
    d.components.allowed_current.unit_of_measurement = 'mA';
  },
  'energy in Wh': (d) => {
    d.components.energy_abs.unit_of_measurement = 'Wh';
  },
  'energy that is measured': (d) => {
    d.components.energy_abs.state_class = 'measurement';
  },
  'power in kW': (d) => {
    d.components.power.unit_of_measurement = 'kW';
  },
  'a number without a range': (d) => {
    delete d.components.external_current.max;
  },
  'a number without a command': (d) => {
    delete d.components.external_current.command_topic;
  },
  'a step of 0': (d) => {
    d.components.external_current.step = 0;
  },
  'a switch without states': (d) => {
    delete d.components.boost_mode.state_on;
  },
  'a select without options': (d) => {
    delete d.components.indicator_led.options;
  },
  'a button with an empty payload': (d) => {
    d.components.start_charging.payload_press = '';
  },
  'an event without types': (d) => {
    delete d.components.button.event_types;
  },
  'an icon of no library': (d) => {
    d.components.charger_state.icon = 'ev-station';
  },
};

interface Mutable {
  // biome-ignore lint/suspicious/noExplicitAny: this is where documents are broken on purpose
  [member: string]: any;
}

for (const [name, mutate] of Object.entries(mutations)) {
  test(`the schema refuses ${name}`, (t) => {
    const document = structuredClone(documentFor(modelCharger().charger)) as unknown as Mutable;
    t.true(valid(document));
    mutate(document);
    t.false(valid(document));
  });
}
