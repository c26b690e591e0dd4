import test from 'ava';
import type { Json, JsonObject } from '../../../src/base/json.js';
import type { Connection } from '../../../src/charger/charger.js';
import { brokerNotice, diagnose } from '../../../src/outlets/http/diagnosis.js';
import type { Diagnosis } from '../../../src/outlets/http/diagnosis-texts.js';
import type { Situation } from '../../../src/outlets/http/situation.js';
import { currentLimit, slotNames } from '../../../src/topics/current-limit.js';

const ONLINE: Connection = { online: true, transport: 'websocket' };
const UP = { up: true, faults: [] };

/** A charger with a car that charges, and what a situation changes about it. */
function situation(
  changes: Readonly<Record<string, Json | undefined>>,
  charger: Connection = ONLINE,
): Situation {
  const states: Record<string, Json | undefined> = {
    'info/features': ['evse', 'meter'],
    'evse/state': state({}),
    'evse/slots': slots({ external: 16_000 }),
    'meter/values': { power: 11_000, energy_rel: 1, energy_abs: 1 },
    'meter/all_values': [230, 230, 230, 15.9, 15.9, 15.8],
    ...changes,
  };
  // The row's type does not know that these are slots.
  states['bridge/current_limit'] ??= currentLimit.make(states['evse/slots'] ?? []);
  return { read: (path) => states[path], charger, broker: UP };
}

function state(changes: JsonObject): Json {
  return {
    iec61851_state: 2,
    charger_state: 3,
    contactor_state: 3,
    contactor_error: 0,
    allowed_charging_current: 16_000,
    error_state: 0,
    lock_state: 0,
    ...changes,
  };
}

/** All slots at 32 A, and those named at another current. */
function slots(currents: Readonly<Partial<Record<(typeof slotNames)[number], number>>>): Json {
  return slotNames.map((name) => ({
    max_current: currents[name] ?? 32_000,
    active: true,
    clear_on_disconnect: false,
  }));
}

const blocked = state({ iec61851_state: 1, charger_state: 1, allowed_charging_current: 0 });

const blockedBy = (
  name: (typeof slotNames)[number],
  en: string,
  de: string,
): [string, Situation, Diagnosis['kind'], string, string] => [
  `slot ${name}`,
  situation({ 'evse/state': blocked, 'evse/slots': slots({ [name]: 0 }) }),
  'blocked',
  en,
  de,
];

/** Situation → the first sentence of the page. */
const TABLE: readonly [name: string, Situation, Diagnosis['kind'], en: string, de: string][] = [
  [
    'the charger does not answer',
    situation({}, { online: false, why: 'http://192.168.1.10 refuses connections' }),
    'fault',
    'The charger is offline: http://192.168.1.10 refuses connections.',
    'Der Charger ist offline: http://192.168.1.10 refuses connections.',
  ],
  [
    'the charger can not be reached',
    situation({}, { online: false, why: "it can't be reached; is it switched on?" }),
    'fault',
    "The charger is offline: it can't be reached; is it switched on?",
    "Der Charger ist offline: it can't be reached; is it switched on?",
  ],
  [
    'the charge controller stands still',
    situation({}, { online: false, why: 'its charge controller stands still: evse/low_level_state' }),
    'fault',
    'The charger is offline: its charge controller stands still: evse/low_level_state.',
    'Der Charger ist offline: its charge controller stands still: evse/low_level_state.',
  ],
  [
    'the charge controller is missing',
    situation({ 'info/features': ['meter'] }),
    'fault',
    'The charger does not find its charge controller.',
    'Der Charger findet seinen Ladecontroller nicht.',
  ],
  [
    'an energy manager',
    situation({ 'info/features': ['energy_manager'], 'evse/state': undefined }),
    'idle',
    'This is an energy manager. It has no charge controller of its own.',
    'Das ist ein Energy Manager. Er hat keinen eigenen Ladecontroller.',
  ],
  [
    'nothing is known yet',
    situation({ 'evse/state': undefined }),
    'waiting',
    'The charger has not reported its state yet.',
    'Der Charger hat seinen Zustand noch nicht gemeldet.',
  ],
  [
    'switch error',
    situation({ 'evse/state': state({ charger_state: 4, error_state: 2 }) }),
    'fault',
    'The charger reports a switch error: its jumpers or switches were changed, or its button is held.',
    'Der Charger meldet einen Schalterfehler: Jumper oder Schalter wurden verändert, oder der Taster klemmt.',
  ],
  [
    'DC residual current',
    situation({ 'evse/state': state({ charger_state: 4, error_state: 3 }) }),
    'fault',
    'The DC residual current monitor has tripped or is not ready.',
    'Die DC-Fehlerstromüberwachung hat ausgelöst oder ist nicht bereit.',
  ],
  [
    'contactor error',
    situation({ 'evse/state': state({ charger_state: 4, error_state: 4, contactor_error: 6 }) }),
    'fault',
    'The charger reports a contactor error.',
    'Der Charger meldet einen Schützfehler.',
  ],
  [
    'contactor error without an error state',
    situation({ 'evse/state': state({ contactor_error: 2 }) }),
    'fault',
    'The charger reports a contactor error.',
    'Der Charger meldet einen Schützfehler.',
  ],
  [
    'communication error',
    situation({ 'evse/state': state({ iec61851_state: 4, charger_state: 4, error_state: 5 }) }),
    'fault',
    'Charger and car do not understand each other (communication error).',
    'Charger und Auto verstehen sich nicht (Kommunikationsfehler).',
  ],
  [
    'an error of newer firmware',
    situation({ 'evse/state': state({ charger_state: 4, error_state: 9 }) }),
    'fault',
    'The charger reports an error (error_state 9).',
    'Der Charger meldet einen Fehler (error_state 9).',
  ],
  [
    'the car asks for ventilation',
    situation({ 'evse/state': state({ iec61851_state: 3, charger_state: 0 }) }),
    'fault',
    'The car asks for ventilation (IEC 61851 state D), which this charger cannot give.',
    'Das Auto verlangt Belüftung (Zustand D nach IEC 61851), die dieser Charger nicht bietet.',
  ],
  [
    'the pilot signal is disturbed',
    situation({ 'evse/state': state({ iec61851_state: 4, charger_state: 0 }) }),
    'fault',
    'The signal between charger and car is disturbed (IEC 61851 state E/F).',
    'Das Signal zwischen Charger und Auto ist gestört (Zustand E/F nach IEC 61851).',
  ],
  [
    'no car',
    situation({ 'evse/state': state({ iec61851_state: 0, charger_state: 0 }) }),
    'idle',
    'No car is connected.',
    'Kein Auto ist angesteckt.',
  ],
  [
    'the control pilot is disconnected',
    situation({
      'evse/state': state({ iec61851_state: 1, charger_state: 2 }),
      'evse/control_pilot_disconnect': { disconnect: true },
    }),
    'blocked',
    'The charger hides itself from the car: the control pilot is disconnected.',
    'Der Charger versteckt sich vor dem Auto: Der Control Pilot ist getrennt.',
  ],
  [
    'phases are switched',
    situation({
      'evse/state': state({ iec61851_state: 1, charger_state: 2 }),
      'power_manager/state': { config_error_flags: 0, external_control: 3 },
    }),
    'waiting',
    'The charger is switching phases.',
    'Der Charger schaltet die Phasen um.',
  ],
  blockedBy(
    'incoming_cable',
    'The charger does not know how much current its supply cable can carry.',
    'Der Charger weiß nicht, wie viel Strom seine Zuleitung verträgt.',
  ),
  blockedBy(
    'outgoing_cable',
    'The charging cable does not say how much current it can carry.',
    'Das Ladekabel meldet nicht, wie viel Strom es verträgt.',
  ),
  blockedBy(
    'shutdown_input',
    'The shutdown input of the charger blocks charging.',
    'Der Abschalteingang des Chargers sperrt das Laden.',
  ),
  blockedBy(
    'gp_input',
    'The configurable input of the charger blocks charging.',
    'Der konfigurierbare Eingang des Chargers sperrt das Laden.',
  ),
  blockedBy(
    'autostart_button',
    'The charger waits for a manual release.',
    'Der Charger wartet auf die manuelle Ladefreigabe.',
  ),
  blockedBy(
    'global',
    'The configured current of the charger is 0 A.',
    'Der konfigurierte Ladestrom des Chargers ist 0 A.',
  ),
  blockedBy(
    'user',
    'The charger waits until somebody identifies himself with a tag.',
    'Der Charger wartet, bis sich jemand mit einem Tag ausweist.',
  ),
  blockedBy(
    'charge_manager',
    'The charge manager allows no current at the moment.',
    'Der Lastmanager gibt im Moment keinen Strom frei.',
  ),
  blockedBy('external', 'External control allows 0 A.', 'Die externe Steuerung erlaubt 0 A.'),
  blockedBy(
    'modbus_tcp',
    'A program allows 0 A over Modbus TCP.',
    'Ein Programm erlaubt über Modbus TCP 0 A.',
  ),
  blockedBy(
    'modbus_tcp_enable',
    'A program has not released charging over Modbus TCP.',
    'Ein Programm hat das Laden über Modbus TCP nicht freigegeben.',
  ),
  blockedBy(
    'ocpp',
    'The OCPP server has not released charging.',
    'Der OCPP-Server hat das Laden nicht freigegeben.',
  ),
  blockedBy(
    'charge_limits',
    'The limit of energy or time for this charge is reached.',
    'Die Energie- oder Zeitgrenze dieses Ladevorgangs ist erreicht.',
  ),
  blockedBy(
    'require_meter',
    'The energy meter does not answer, and the charger requires it.',
    'Der Stromzähler antwortet nicht, und der Charger setzt ihn voraus.',
  ),
  blockedBy(
    'automation',
    'A rule of the charger’s automation allows 0 A.',
    'Eine Regel der Automatisierung im Charger erlaubt 0 A.',
  ),
  blockedBy(
    'eebus',
    'An energy management system allows 0 A over EEBUS.',
    'Ein Energiemanager erlaubt über EEBUS 0 A.',
  ),
  blockedBy(
    'p14a_enwg',
    'The grid operator blocks charging (§14a EnWG).',
    'Der Netzbetreiber sperrt das Laden (§14a EnWG).',
  ),
  blockedBy(
    'ove_r37',
    'The grid operator blocks charging (OVE R 37).',
    'Der Netzbetreiber sperrt das Laden (OVE R 37).',
  ),
  [
    'several slots block',
    situation({ 'evse/state': blocked, 'evse/slots': slots({ autostart_button: 0, external: 0 }) }),
    'blocked',
    'The charger waits for a manual release. Also: External control allows 0 A.',
    'Der Charger wartet auf die manuelle Ladefreigabe. Außerdem: Die externe Steuerung erlaubt 0 A.',
  ],
  [
    'no slot is active',
    situation({ 'evse/state': blocked, 'evse/slots': [] }),
    'blocked',
    'The charger allows no current.',
    'Der Charger gibt keinen Strom frei.',
  ],
  ...(
    [
      [1, 'The charge mode is “Off”.', 'Der Lademodus ist „Aus“.'],
      [
        2,
        'The charge mode is “PV”, and there is not enough surplus.',
        'Der Lademodus ist „PV“, und der Überschuss reicht nicht.',
      ],
      [
        6,
        'The charge mode is “Eco”, and electricity is not cheap enough now.',
        'Der Lademodus ist „Eco“, und der Strom ist gerade nicht günstig genug.',
      ],
      [
        7,
        'The charge mode is “Eco + PV”: there is neither a low price nor enough surplus.',
        'Der Lademodus ist „Eco + PV“: Weder ist der Strom günstig, noch reicht der Überschuss.',
      ],
    ] as const
  ).map(([mode, en, de]): (typeof TABLE)[number] => [
    `charge mode ${mode}`,
    situation({
      'evse/state': blocked,
      'evse/slots': slots({ charge_manager: 0 }),
      'evse/charge_mode': { mode },
    }),
    'blocked',
    en,
    de,
  ]),
  [
    'the car does not ask',
    situation({ 'evse/state': state({ iec61851_state: 1, charger_state: 2 }) }),
    'waiting',
    'The car may charge with up to 16 A, but does not ask for it.',
    'Das Auto darf mit bis zu 16 A laden, verlangt es aber nicht.',
  ],
  [
    'the contactor is closed and nothing flows',
    situation({ 'meter/values': { power: 3, energy_rel: 0, energy_abs: 1 } }),
    'waiting',
    'The contactor is closed, but the car draws no power.',
    'Das Schütz ist geschlossen, aber das Auto zieht keine Leistung.',
  ],
  [
    'charging',
    situation({}),
    'charging',
    'The car charges with 11.0 kW; up to 16 A are allowed (External control).',
    'Das Auto lädt mit 11,0 kW; bis zu 16 A sind erlaubt (Externe Steuerung).',
  ],
  [
    'charging with all that the cable carries',
    situation({ 'evse/state': state({ allowed_charging_current: 32_000 }), 'evse/slots': slots({}) }),
    'charging',
    'The car charges with 11.0 kW; up to 32 A are allowed (Supply cable, Type 2 cable).',
    'Das Auto lädt mit 11,0 kW; bis zu 32 A sind erlaubt (Zuleitung, Typ-2-Kabel).',
  ],
  [
    'charging without a meter',
    situation({ 'meter/values': undefined, 'meter/all_values': undefined }),
    'charging',
    'The car charges; up to 16 A are allowed (External control).',
    'Das Auto lädt; bis zu 16 A sind erlaubt (Externe Steuerung).',
  ],
  [
    'a state of newer firmware',
    situation({ 'evse/state': state({ iec61851_state: 7, charger_state: 0 }) }),
    'waiting',
    'The charger is in a state that this page does not know.',
    'Der Charger ist in einem Zustand, den diese Seite nicht kennt.',
  ],
];

for (const [name, staged, kind, en, de] of TABLE) {
  test(`why: ${name}`, (t) => {
    const { text, kind: found } = diagnose(staged);
    t.deepEqual([...text, found], [en, de, kind]);
  });
}

test('at least 30 situations are told apart', (t) => {
  t.true(new Set(TABLE.map(([, , , en]) => en)).size >= 30);
});

test('a fault comes before a limit, a limit before the car', (t) => {
  const all = situation({
    'evse/state': state({ iec61851_state: 1, charger_state: 4, error_state: 4, allowed_charging_current: 0 }),
    'evse/slots': slots({ external: 0 }),
  });
  t.is(diagnose(all).kind, 'fault');
});

test('whatever blocks or fails has a remedy', (t) => {
  for (const [name, staged, kind] of TABLE) {
    if (kind !== 'fault' && kind !== 'blocked') continue;
    const unexplained = name === 'no slot is active';
    t.is(diagnose(staged).remedy === undefined, unexplained, name);
  }
});

test('a car that sleeps can be woken where the charger can do that', (t) => {
  const waiting = { 'evse/state': state({ iec61851_state: 1, charger_state: 2 }) };
  t.notRegex(diagnose(situation(waiting)).remedy?.[0] ?? '', /woken/);
  const able = situation({ ...waiting, 'evse/control_pilot_disconnect': { disconnect: false } });
  t.regex(diagnose(able).remedy?.[0] ?? '', /look at the car\. A car that sleeps can be woken\.$/);
  t.regex(diagnose(able).remedy?.[1] ?? '', /wecken\.$/);
});

test('a car that takes less than it may is told', (t) => {
  const slow = situation({ 'meter/all_values': [230, 230, 230, 8, 0, 0] });
  t.regex(diagnose(slow).remedy?.[0] ?? '', /takes less than it may/);
  t.is(diagnose(situation({})).remedy, undefined);
});

test('nothing is called old where nothing was told', (t) => {
  const away = situation({}, { online: false, why: 'nobody is there' });
  t.regex(diagnose(away).remedy?.[0] ?? '', /^What is shown below is old\./);
  t.regex(
    diagnose({ ...away, read: () => undefined }).remedy?.[0] ?? '',
    /^It has not reported anything yet\./,
  );
});

test('a broker that is away is told beside the state of the car', (t) => {
  t.is(brokerNotice(situation({})), undefined);
  const away = {
    ...situation({}),
    broker: { up: false, faults: [], failure: { reason: 'unreachable', text: 'nothing listens there' } },
  } as const;
  t.is(brokerNotice(away)?.text[0], 'There is no connection to the MQTT broker: nothing listens there.');
  t.is(diagnose(away).kind, 'charging');
  const fresh = { ...situation({}), broker: { up: false, faults: [] } };
  t.is(brokerNotice(fresh)?.text[1], 'Es gibt keine Verbindung zum MQTT-Broker: no connection yet.');
});

test('a bridge that stands by is no fault of the broker', (t) => {
  const failure = { reason: 'standing_by', text: 'another bridge works here' } as const;
  const waiting = { ...situation({}), broker: { up: false, faults: [], failure } };
  t.deepEqual(brokerNotice(waiting)?.text, [
    'Another bridge with these settings is at work; this one stands by.',
    'Eine andere Brücke mit diesen Einstellungen arbeitet; diese hier steht bereit.',
  ]);
});

test('what the broker denies is told although there is a connection', (t) => {
  const denied = {
    ...situation({}),
    broker: { up: true, faults: ['it does not let us subscribe to warp/evse/external_current_update.', 'b'] },
  };
  t.is(
    brokerNotice(denied)?.text[0],
    'The MQTT broker does not take everything: it does not let us subscribe to warp/evse/external_current_update; b.',
  );
});
