import type { slotNames } from '../../topics/current-limit.js';
import type { Text } from '../../topics/entity.js';

/** One sentence, and what the owner can do about it. */
export interface Explanation {
  readonly text: Text;
  readonly remedy?: Text;
}

/** The answer to "why does it not charge?". */
export interface Diagnosis extends Explanation {
  /** `fault` needs a person, `blocked` waits for somebody's permission, `waiting` for the car, `idle` for a car. */
  readonly kind: 'fault' | 'blocked' | 'waiting' | 'idle' | 'charging';
}

type SlotName = (typeof slotNames)[number];

/** `text` with a full stop at its end, unless it ends with a mark already: some reasons end with a question. */
export const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Why a slot allows no current, by its name. The words are those of the charger's own web interface. */
export const blockedBy: Readonly<Record<SlotName, Explanation>> = {
  incoming_cable: {
    text: [
      'The charger does not know how much current its supply cable can carry.',
      'Der Charger weiß nicht, wie viel Strom seine Zuleitung verträgt.',
    ],
    remedy: [
      'An electrician must set the jumpers of the charge controller.',
      'Eine Elektrofachkraft muss die Jumper des Ladecontrollers setzen.',
    ],
  },
  outgoing_cable: {
    text: [
      'The charging cable does not say how much current it can carry.',
      'Das Ladekabel meldet nicht, wie viel Strom es verträgt.',
    ],
    remedy: ['Plug the cable in again, or try another one.', 'Kabel neu stecken oder ein anderes versuchen.'],
  },
  shutdown_input: {
    text: [
      'The shutdown input of the charger blocks charging.',
      'Der Abschalteingang des Chargers sperrt das Laden.',
    ],
    remedy: [
      'Look at what is connected to this input; the grid operator may use it.',
      'Prüfen, was an diesem Eingang angeschlossen ist; vielleicht nutzt ihn der Netzbetreiber.',
    ],
  },
  gp_input: {
    text: [
      'The configurable input of the charger blocks charging.',
      'Der konfigurierbare Eingang des Chargers sperrt das Laden.',
    ],
    remedy: ['Look at what is connected to this input.', 'Prüfen, was an diesem Eingang angeschlossen ist.'],
  },
  autostart_button: {
    text: ['The charger waits for a manual release.', 'Der Charger wartet auf die manuelle Ladefreigabe.'],
    remedy: [
      'Press Start here or the button on the charger.',
      'Hier auf „Start“ oder am Charger auf den Taster drücken.',
    ],
  },
  global: {
    text: [
      'The configured current of the charger is 0 A.',
      'Der konfigurierte Ladestrom des Chargers ist 0 A.',
    ],
    remedy: [
      'Set 6 A or more in the web interface of the charger.',
      'In der Weboberfläche des Chargers 6 A oder mehr einstellen.',
    ],
  },
  user: {
    text: [
      'The charger waits until somebody identifies himself with a tag.',
      'Der Charger wartet, bis sich jemand mit einem Tag ausweist.',
    ],
    remedy: [
      'Hold an NFC tag that the charger knows against it.',
      'Ein NFC-Tag, das der Charger kennt, an den Charger halten.',
    ],
  },
  charge_manager: {
    text: [
      'The charge manager allows no current at the moment.',
      'Der Lastmanager gibt im Moment keinen Strom frei.',
    ],
    remedy: [
      'It may wait for sunshine, or other cars use the current. Look at the charge manager.',
      'Vielleicht wartet er auf Sonne, oder andere Autos nutzen den Strom. Im Lastmanager nachsehen.',
    ],
  },
  external: {
    text: ['External control allows 0 A.', 'Die externe Steuerung erlaubt 0 A.'],
    remedy: [
      'Set 6 A or more here. If it falls back to 0 A, another program controls the charger.',
      'Hier 6 A oder mehr einstellen. Fällt der Wert auf 0 A zurück, steuert ein anderes Programm den Charger.',
    ],
  },
  modbus_tcp: {
    text: ['A program allows 0 A over Modbus TCP.', 'Ein Programm erlaubt über Modbus TCP 0 A.'],
    remedy: ['Look at the program that uses Modbus TCP.', 'Im Programm nachsehen, das Modbus TCP verwendet.'],
  },
  modbus_tcp_enable: {
    text: [
      'A program has not released charging over Modbus TCP.',
      'Ein Programm hat das Laden über Modbus TCP nicht freigegeben.',
    ],
    remedy: ['Look at the program that uses Modbus TCP.', 'Im Programm nachsehen, das Modbus TCP verwendet.'],
  },
  ocpp: {
    text: ['The OCPP server has not released charging.', 'Der OCPP-Server hat das Laden nicht freigegeben.'],
    remedy: ['Look at the account of your OCPP operator.', 'Im Konto beim OCPP-Betreiber nachsehen.'],
  },
  charge_limits: {
    text: [
      'The limit of energy or time for this charge is reached.',
      'Die Energie- oder Zeitgrenze dieses Ladevorgangs ist erreicht.',
    ],
    remedy: [
      'Raise the limit, or unplug the car and plug it in again.',
      'Grenze erhöhen, oder das Auto ab- und wieder anstecken.',
    ],
  },
  require_meter: {
    text: [
      'The energy meter does not answer, and the charger requires it.',
      'Der Stromzähler antwortet nicht, und der Charger setzt ihn voraus.',
    ],
    remedy: [
      'Check the meter and its wiring, or switch the meter monitoring off in the charger.',
      'Zähler und Verkabelung prüfen, oder die Zählerüberwachung im Charger abschalten.',
    ],
  },
  automation: {
    text: [
      'A rule of the charger’s automation allows 0 A.',
      'Eine Regel der Automatisierung im Charger erlaubt 0 A.',
    ],
    remedy: [
      'Look at the automation in the web interface of the charger.',
      'Die Automatisierung in der Weboberfläche des Chargers ansehen.',
    ],
  },
  eebus: {
    text: [
      'An energy management system allows 0 A over EEBUS.',
      'Ein Energiemanager erlaubt über EEBUS 0 A.',
    ],
    remedy: ['Look at that system.', 'In diesem System nachsehen.'],
  },
  p14a_enwg: {
    text: [
      'The grid operator blocks charging (§14a EnWG).',
      'Der Netzbetreiber sperrt das Laden (§14a EnWG).',
    ],
    remedy: ['It ends by itself.', 'Das endet von selbst.'],
  },
  ove_r37: {
    text: ['The grid operator blocks charging (OVE R 37).', 'Der Netzbetreiber sperrt das Laden (OVE R 37).'],
    remedy: ['It ends by itself.', 'Das endet von selbst.'],
  },
};

/** Faults that the charge controller reports, by `error_state` (charger-wire 2.4). */
export const errors: Readonly<Record<number, Explanation>> = {
  2: {
    text: [
      'The charger reports a switch error: its jumpers or switches were changed, or its button is held.',
      'Der Charger meldet einen Schalterfehler: Jumper oder Schalter wurden verändert, oder der Taster klemmt.',
    ],
    remedy: [
      'Switch the supply of the charger off and on. If the error comes back, call an electrician.',
      'Den Charger stromlos machen und wieder einschalten. Kommt der Fehler wieder, eine Elektrofachkraft rufen.',
    ],
  },
  3: {
    text: [
      'The DC residual current monitor has tripped or is not ready.',
      'Die DC-Fehlerstromüberwachung hat ausgelöst oder ist nicht bereit.',
    ],
    remedy: [
      'Unplug the car and find the cause first. The manual of the charger says how to release it.',
      'Auto abstecken und zuerst die Ursache suchen. Wie die Sperre gelöst wird, steht in der Anleitung des Chargers.',
    ],
  },
  4: {
    text: ['The charger reports a contactor error.', 'Der Charger meldet einen Schützfehler.'],
    remedy: [
      'Switch the supply of the charger off and on. If the error comes back, call an electrician.',
      'Den Charger stromlos machen und wieder einschalten. Kommt der Fehler wieder, eine Elektrofachkraft rufen.',
    ],
  },
  5: {
    text: [
      'Charger and car do not understand each other (communication error).',
      'Charger und Auto verstehen sich nicht (Kommunikationsfehler).',
    ],
    remedy: [
      'Unplug the cable, wait half a minute and plug it in again.',
      'Kabel abziehen, eine halbe Minute warten und wieder anstecken.',
    ],
  },
};

/** The charge modes (charger-wire 2.1) that can leave a car without current. */
export const pausedBy: Readonly<Record<number, Explanation>> = {
  1: {
    text: ['The charge mode is “Off”.', 'Der Lademodus ist „Aus“.'],
    remedy: ['Choose another charge mode.', 'Einen anderen Lademodus wählen.'],
  },
  2: {
    text: [
      'The charge mode is “PV”, and there is not enough surplus.',
      'Der Lademodus ist „PV“, und der Überschuss reicht nicht.',
    ],
    remedy: ['Wait for the sun, or choose “Fast”.', 'Auf die Sonne warten oder „Schnell“ wählen.'],
  },
  6: {
    text: [
      'The charge mode is “Eco”, and electricity is not cheap enough now.',
      'Der Lademodus ist „Eco“, und der Strom ist gerade nicht günstig genug.',
    ],
    remedy: [
      'Wait for a lower price, or choose “Fast”.',
      'Auf einen günstigeren Preis warten oder „Schnell“ wählen.',
    ],
  },
  7: {
    text: [
      'The charge mode is “Eco + PV”: there is neither a low price nor enough surplus.',
      'Der Lademodus ist „Eco + PV“: Weder ist der Strom günstig, noch reicht der Überschuss.',
    ],
    remedy: ['Wait, or choose “Fast”.', 'Warten oder „Schnell“ wählen.'],
  },
};

/** Another instance of this program does the work (contract 8). */
export const standingBy: Explanation = {
  text: [
    'Another bridge with these settings is at work; this one stands by.',
    'Eine andere Brücke mit diesen Einstellungen arbeitet; diese hier steht bereit.',
  ],
  remedy: [
    'It takes over when the other one is gone. Nothing has to be done.',
    'Sie übernimmt, wenn die andere weg ist. Es ist nichts zu tun.',
  ],
};
