import { membersOf } from '../../base/json.js';
import { slotLabels } from '../../topics/current-limit.js';
import type { Text } from '../../topics/entity.js';
import {
  noController,
  offline,
  pilotError,
  reportedError,
  unknownYet,
  ventilation,
} from './diagnosis-faults.js';
import {
  blockedBy,
  type Diagnosis,
  type Explanation,
  pausedBy,
  sentence,
  standingBy,
} from './diagnosis-texts.js';
import {
  allowedAmperes,
  blockingSlots,
  canWake,
  iecState,
  inAmperes,
  inKilowatts,
  limitingSlots,
  limitsItself,
  powerOf,
  type Situation,
} from './situation.js';

/** Below this power a car counts as drawing no power, W. */
const DRAWS_NOTHING_W = 50;

/** `power_manager/state` `external_control`: the phases are being switched (charger-wire 8). */
const SWITCHING_PHASES = 3;

type Language = 'en' | 'de';

type Rule = (situation: Situation) => Diagnosis | undefined;

/** The first rule that applies gives the answer. Faults come before limits, and limits before the car. */
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

/** Says in a sentence what the charger does; if it does not charge, also why, and what helps. */
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

/** A second text for a problem with the broker, which does not affect charging; undefined if there is none. */
export function brokerNotice({ broker }: Situation): Explanation | undefined {
  const { up, failure, faults } = broker;
  if (up && faults.length === 0) return undefined;
  if (up) {
    const all = faults.map((fault) => fault.replace(/\.$/, '')).join('; ');
    return {
      text: [
        sentence(`The MQTT broker does not take everything: ${all}`),
        sentence(`Der MQTT-Broker nimmt nicht alles an: ${all}`),
      ],
    };
  }
  if (failure?.reason === 'standing_by') return standingBy;
  const why = failure?.text ?? 'no connection yet';
  return {
    text: [
      sentence(`There is no connection to the MQTT broker: ${why}`),
      sentence(`Es gibt keine Verbindung zum MQTT-Broker: ${why}`),
    ],
    remedy: [
      'Home Assistant and other programs see nothing of this charger until it is back. Charging goes on.',
      'Home Assistant und andere Programme sehen bis dahin nichts von diesem Charger. Das Laden geht weiter.',
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

/** The remedy if the car does not ask for current. */
const LOOK: Text = [
  'Its battery may be full, a timer in the car may be set, or the car sleeps: look at the car.',
  'Vielleicht ist der Akku voll, im Auto ein Timer gesetzt, oder es schläft: am Auto nachsehen.',
];

function carDoesNotAsk(situation: Situation): Diagnosis | undefined {
  if (iecState(situation) !== 1) return undefined;
  const allowed = allowedAmperes(situation);
  return {
    kind: 'waiting',
    text: [
      `The car may charge with up to ${inAmperes(allowed, 'en')}, but does not ask for it.`,
      `Das Auto darf mit bis zu ${inAmperes(allowed, 'de')} laden, verlangt es aber nicht.`,
    ],
    remedy: canWake(situation)
      ? [`${LOOK[0]} A car that sleeps can be woken.`, `${LOOK[1]} Ein Auto, das schläft, lässt sich wecken.`]
      : LOOK,
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
    const doing = power === undefined ? charges : `${charges} ${with_} ${inKilowatts(power, language)}`;
    return `${doing}; ${upTo(inAmperes(allowed, language))}${by === '' ? '' : ` (${by})`}.`;
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
