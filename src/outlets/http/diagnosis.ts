import { type Json, membersOf, valueAt } from '../../base/json.js';
import type { Connection } from '../../charger/charger.js';
import { slotLabels, slotNames } from '../../topics/current-limit.js';
import type { Text } from '../../topics/entity.js';
import { blockedBy, type Explanation, errors, pausedBy } from './diagnosis-texts.js';

/** What the diagnosis looks at: one charger as it is now. */
export interface Situation {
  /** The JSON that a topic shows; undefined while it shows none. */
  readonly read: (path: string) => Json | undefined;
  readonly charger: Connection;
  readonly broker: { readonly up: boolean; readonly why?: string };
}

/** The answer to "why does it not charge?". */
export interface Diagnosis extends Explanation {
  /** `fault` needs a person, `blocked` waits for somebody's permission, `waiting` for the car, `idle` for a car. */
  readonly kind: 'fault' | 'blocked' | 'waiting' | 'idle' | 'charging';
}

/** Power below which a car draws nothing to speak of, W. */
const DRAWS_NOTHING_W = 50;

/** A car that takes less than this part of the allowed current limits itself. */
const SELF_LIMITED = 0.8;

/** `power_manager/state` `external_control`: the phases are being switched (charger-wire 8). */
const SWITCHING_PHASES = 3;

type Language = 'en' | 'de';

type SlotName = (typeof slotNames)[number];

const CABLES: readonly SlotName[] = ['incoming_cable', 'outgoing_cable'];

type Rule = (situation: Situation) => Diagnosis | undefined;

/** The first that applies answers. A fault comes before a limit, a limit before the car. */
const RULES: readonly Rule[] = [
  offline,
  noController,
  unknownYet,
  reportedError,
  ventilation,
  pilotError,
  noVehicle,
  pilotDisconnected,
  switchingPhases,
  blocked,
  carDoesNotAsk,
  chargingWithoutPower,
  charging,
];

/** Says in one sentence what the charger does and, where it does not charge, why and what helps. */
export function diagnose(situation: Situation): Diagnosis {
  for (const rule of RULES) {
    const diagnosis = rule(situation);
    if (diagnosis) return diagnosis;
  }
  return {
    kind: 'waiting',
    text: [
      'The charger is in a state that this page does not know.',
      'Der Charger ist in einem Zustand, den diese Seite nicht kennt.',
    ],
  };
}

/** What else the owner should know: the way to the broker has nothing to do with the car. */
export function brokerNotice({ broker }: Situation): Explanation | undefined {
  if (broker.up) return undefined;
  const why = broker.why ?? 'no connection yet';
  return {
    text: [
      `There is no connection to the MQTT broker: ${why}.`,
      `Es gibt keine Verbindung zum MQTT-Broker: ${why}.`,
    ],
    remedy: [
      'Home Assistant and other programs see nothing of this charger until it is back. Charging goes on.',
      'Home Assistant und andere Programme sehen bis dahin nichts von diesem Charger. Das Laden geht weiter.',
    ],
  };
}

function offline({ charger }: Situation): Diagnosis | undefined {
  if (charger.online) return undefined;
  const why = charger.why.replace(/\.$/, '');
  return {
    kind: 'fault',
    text: [`The charger cannot be reached: ${why}.`, `Der Charger ist nicht erreichbar: ${why}.`],
    remedy: [
      'What is shown below is old. Press “Check” to see which step fails.',
      'Was unten steht, ist alt. „Prüfen“ zeigt, welcher Schritt scheitert.',
    ],
  };
}

function noController({ read }: Situation): Diagnosis | undefined {
  const features = read('info/features');
  if (!Array.isArray(features) || features.includes('evse')) return undefined;
  if (features.includes('energy_manager')) {
    return {
      kind: 'idle',
      text: [
        'This is an energy manager. It has no charge controller of its own.',
        'Das ist ein Energy Manager. Er hat keinen eigenen Ladecontroller.',
      ],
    };
  }
  return {
    kind: 'fault',
    text: [
      'The charger does not find its charge controller.',
      'Der Charger findet seinen Ladecontroller nicht.',
    ],
    remedy: [
      'Switch the supply of the charger off and on. If that does not help, call the service.',
      'Den Charger stromlos machen und wieder einschalten. Hilft das nicht, den Service rufen.',
    ],
  };
}

function unknownYet({ read }: Situation): Diagnosis | undefined {
  if (read('evse/state') !== undefined) return undefined;
  return {
    kind: 'waiting',
    text: ['The charger has not told its state yet.', 'Der Charger hat seinen Zustand noch nicht gemeldet.'],
  };
}

function reportedError({ read }: Situation): Diagnosis | undefined {
  const { error_state, contactor_error, charger_state } = membersOf(read('evse/state'));
  const known = typeof error_state === 'number' ? errors[error_state] : undefined;
  if (known) return { kind: 'fault', ...known };
  if (typeof contactor_error === 'number' && contactor_error !== 0 && errors[4]) {
    return { kind: 'fault', ...errors[4] };
  }
  if (charger_state !== 4 && !error_state) return undefined;
  return {
    kind: 'fault',
    text: [
      `The charger reports an error (error_state ${String(error_state)}).`,
      `Der Charger meldet einen Fehler (error_state ${String(error_state)}).`,
    ],
    remedy: ['Look at the web interface of the charger.', 'In der Weboberfläche des Chargers nachsehen.'],
  };
}

function ventilation(situation: Situation): Diagnosis | undefined {
  if (iecState(situation) !== 3) return undefined;
  return {
    kind: 'fault',
    text: [
      'The car asks for ventilation (IEC 61851 state D), which this charger cannot give.',
      'Das Auto verlangt Belüftung (Zustand D nach IEC 61851), die dieser Charger nicht bietet.',
    ],
    remedy: ['This car cannot charge here.', 'Dieses Auto kann hier nicht laden.'],
  };
}

function pilotError(situation: Situation): Diagnosis | undefined {
  if (iecState(situation) !== 4) return undefined;
  return {
    kind: 'fault',
    text: [
      'The signal between charger and car is disturbed (IEC 61851 state E/F).',
      'Das Signal zwischen Charger und Auto ist gestört (Zustand E/F nach IEC 61851).',
    ],
    remedy: [
      'Unplug the cable, wait half a minute and plug it in again. Try another cable.',
      'Kabel abziehen, eine halbe Minute warten und wieder anstecken. Ein anderes Kabel versuchen.',
    ],
  };
}

function noVehicle(situation: Situation): Diagnosis | undefined {
  if (iecState(situation) !== 0) return undefined;
  return {
    kind: 'idle',
    text: ['No car is connected.', 'Kein Auto ist angesteckt.'],
  };
}

function pilotDisconnected({ read }: Situation): Diagnosis | undefined {
  if (membersOf(read('evse/control_pilot_disconnect')).disconnect !== true) return undefined;
  return {
    kind: 'blocked',
    text: [
      'The charger hides itself from the car: the control pilot is disconnected.',
      'Der Charger versteckt sich vor dem Auto: Der Control Pilot ist getrennt.',
    ],
    remedy: [
      'Write {"disconnect": false} to evse/control_pilot_disconnect_update.',
      '{"disconnect": false} an evse/control_pilot_disconnect_update schreiben.',
    ],
  };
}

function switchingPhases({ read }: Situation): Diagnosis | undefined {
  if (membersOf(read('power_manager/state')).external_control !== SWITCHING_PHASES) return undefined;
  return {
    kind: 'waiting',
    text: ['The charger is switching phases.', 'Der Charger schaltet die Phasen um.'],
    remedy: [
      'Charging goes on by itself within a minute or two.',
      'Das Laden geht in ein bis zwei Minuten von selbst weiter.',
    ],
  };
}

function blocked({ read }: Situation): Diagnosis | undefined {
  const { allowed_charging_current } = membersOf(read('evse/state'));
  if (allowed_charging_current !== 0) return undefined;
  const slots = blockingSlots(read('evse/slots'));
  const [first, ...others] = slots;
  if (first === undefined) {
    return {
      kind: 'blocked',
      text: ['The charger allows no current.', 'Der Charger gibt keinen Strom frei.'],
    };
  }
  const mode = membersOf(read('evse/charge_mode')).mode;
  const paused = first === 'charge_manager' && typeof mode === 'number' ? pausedBy[mode] : undefined;
  const explanation = paused ?? blockedBy[first];
  if (others.length === 0) return { kind: 'blocked', ...explanation };
  const [en, de] = explanation.text;
  const more = others.map((name) => blockedBy[name].text);
  return {
    kind: 'blocked',
    ...explanation,
    text: [
      `${en} Also: ${more.map((text) => text[0]).join(' ')}`,
      `${de} Außerdem: ${more.map((text) => text[1]).join(' ')}`,
    ],
  };
}

function carDoesNotAsk(situation: Situation): Diagnosis | undefined {
  if (iecState(situation) !== 1) return undefined;
  const allowed = allowedAmperes(situation);
  return {
    kind: 'waiting',
    text: [
      `The car may charge with up to ${amperes(allowed, 'en')}, but does not ask for it.`,
      `Das Auto darf mit bis zu ${amperes(allowed, 'de')} laden, verlangt es aber nicht.`,
    ],
    remedy: [
      'Its battery may be full, a timer in the car may be set, or the car sleeps: look at the car.',
      'Vielleicht ist der Akku voll, im Auto ein Timer gesetzt, oder es schläft: am Auto nachsehen.',
    ],
  };
}

function chargingWithoutPower(situation: Situation): Diagnosis | undefined {
  const power = powerOf(situation);
  if (iecState(situation) !== 2 || power === undefined || power >= DRAWS_NOTHING_W) return undefined;
  return {
    kind: 'waiting',
    text: [
      'The contactor is closed, but the car draws no power.',
      'Das Schütz ist geschlossen, aber das Auto zieht keine Leistung.',
    ],
    remedy: [
      'The car begins or ends its charge, or its battery is full.',
      'Das Auto beginnt oder beendet das Laden, oder sein Akku ist voll.',
    ],
  };
}

function charging(situation: Situation): Diagnosis | undefined {
  if (iecState(situation) !== 2) return undefined;
  const power = powerOf(situation);
  const allowed = allowedAmperes(situation);
  const limits = limitingSlots(situation.read('bridge/current_limit'));
  const say = (language: Language, charges: string, with_: string, upTo: (current: string) => string) => {
    const by = limits.map((slot) => slotLabels[slot][language === 'en' ? 0 : 1]).join(', ');
    const doing = power === undefined ? charges : `${charges} ${with_} ${kilowatts(power, language)}`;
    return `${doing}; ${upTo(amperes(allowed, language))}${by === '' ? '' : ` (${by})`}.`;
  };
  const text: Text = [
    say('en', 'The car charges', 'with', (current) => `up to ${current} are allowed`),
    say('de', 'Das Auto lädt', 'mit', (current) => `bis zu ${current} sind erlaubt`),
  ];
  if (!limitsItself(situation)) return { kind: 'charging', text };
  return {
    kind: 'charging',
    text,
    remedy: [
      'The car takes less than it may: its own charger or its battery sets the limit.',
      'Das Auto nimmt weniger, als es darf: Sein Ladegerät oder sein Akku bestimmt die Grenze.',
    ],
  };
}

/** Whether the currents that the meter shows stay well below what is allowed. */
function limitsItself(situation: Situation): boolean {
  const currents = [3, 4, 5]
    .map((index) => valueAt(situation.read('meter/all_values'), [index]))
    .filter((value) => typeof value === 'number');
  if (currents.length === 0) return false;
  return Math.max(...currents) < allowedAmperes(situation) * SELF_LIMITED;
}

/** Names of the active slots that allow nothing, in the order of the slots. */
function blockingSlots(slots: Json | undefined): SlotName[] {
  if (!Array.isArray(slots)) return [];
  return slots.flatMap((slot: Json, index) => {
    const { active, max_current } = membersOf(slot);
    const name = slotNames[index];
    return active === true && max_current === 0 && name !== undefined ? [name] : [];
  });
}

/** Who holds the current down. A cable that carries no more is reason enough: what others allow does not matter then. */
function limitingSlots(limit: Json | undefined): SlotName[] {
  const slots = valueAt(limit, ['slots']);
  if (!Array.isArray(slots)) return [];
  const names = slots.map((slot: Json) => membersOf(slot).name);
  const limiting = slotNames.filter((name) => names.includes(name));
  const cables = limiting.filter((name) => CABLES.includes(name));
  return cables.length > 0 ? cables : limiting;
}

function iecState({ read }: Situation): Json | undefined {
  return membersOf(read('evse/state')).iec61851_state;
}

function allowedAmperes({ read }: Situation): number {
  const { allowed_charging_current } = membersOf(read('evse/state'));
  return typeof allowed_charging_current === 'number' ? allowed_charging_current / 1_000 : 0;
}

function powerOf({ read }: Situation): number | undefined {
  const { power } = membersOf(read('meter/values'));
  return typeof power === 'number' ? power : undefined;
}

function amperes(value: number, language: Language): string {
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(value)} A`;
}

function kilowatts(watts: number, language: Language): string {
  return `${new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(watts / 1_000)} kW`;
}
