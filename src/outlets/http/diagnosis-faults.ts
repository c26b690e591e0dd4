import { membersOf } from '../../base/json.js';
import { type Diagnosis, errors, sentence } from './diagnosis-texts.js';
import { iecState, type Situation } from './situation.js';

/** These rules find what keeps the charger from working at all. */
export function offline({ charger, read }: Situation): Diagnosis | undefined {
  if (charger.online) return undefined;
  return {
    kind: 'fault',
    text: [
      sentence(`The charger is offline: ${charger.why}`),
      sentence(`Der Charger ist offline: ${charger.why}`),
    ],
    remedy:
      read('evse/state') === undefined
        ? [
            'It has not reported anything yet. Press “Check” to see which step fails.',
            'Er hat noch nichts mitgeteilt. „Prüfen“ zeigt, welcher Schritt scheitert.',
          ]
        : [
            'What is shown below is old. Press “Check” to see which step fails.',
            'Was unten steht, ist alt. „Prüfen“ zeigt, welcher Schritt scheitert.',
          ],
  };
}

export function noController({ read }: Situation): Diagnosis | undefined {
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

export function unknownYet({ read }: Situation): Diagnosis | undefined {
  if (read('evse/state') !== undefined) return undefined;
  return {
    kind: 'waiting',
    text: [
      'The charger has not reported its state yet.',
      'Der Charger hat seinen Zustand noch nicht gemeldet.',
    ],
  };
}

export function reportedError({ read }: Situation): Diagnosis | undefined {
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

export function ventilation(situation: Situation): Diagnosis | undefined {
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

export function pilotError(situation: Situation): Diagnosis | undefined {
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
