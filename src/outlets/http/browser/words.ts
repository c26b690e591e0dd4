import type { Text } from '../../../topics/entity.js';

export type PageLanguage = 'en' | 'de';

/** The first language of the browser that the page speaks. */
export const language: PageLanguage =
  navigator.languages
    .map((one) => one.slice(0, 2).toLowerCase())
    .find((one) => one === 'de' || one === 'en') === 'de'
    ? 'de'
    : 'en';

/** The locale for numbers and times: that of the browser if it has the page's language, for the country's format. */
export const locale: string =
  navigator.languages.find((one) => one.slice(0, 2).toLowerCase() === language) ?? language;

export const say = (text: Text): string => text[language === 'de' ? 1 : 0];

const number = (digits: number) =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
const one = number(1);
const upToOne = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

export const asKilowatts = (watts: number): string => `${one.format(watts / 1_000)} kW`;
export const asAmperes = (value: number): string => `${upToOne.format(value)} A`;
export const asKilowattHours = (value: number): string => `${number(2).format(value)} kWh`;

const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const clockTime = (ms: number): string => time.format(ms);

/** A duration in the two largest units that matter: `3 min`, `2 h 5 min`. */
export function asDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : say([`${days} days`, `${days} Tage`]);
}

export const words = {
  chargers: ['Chargers', 'Charger'],
  simulated: ['simulated', 'simuliert'],
  connecting: ['Connecting to the bridge …', 'Verbinde mit der Brücke …'],
  noCharger: ['This bridge has no charger yet.', 'Diese Brücke hat noch keinen Charger.'],
  tooManyPages: [
    'Too many pages are open at this bridge. Close one of them.',
    'An dieser Brücke sind zu viele Seiten offen. Schließen Sie eine davon.',
  ],
  lost: [
    'The bridge does not answer. What you see is old.',
    'Die Brücke antwortet nicht. Was Sie sehen, ist alt.',
  ],
  power: ['Power', 'Leistung'],
  allowed: ['Allowed current', 'Erlaubter Strom'],
  energy: ['This charge', 'Dieser Ladevorgang'],
  lastEnergy: ['Last charge', 'Letzter Ladevorgang'],
  meter: ['Meter', 'Zähler'],
  history: ['The last 30 minutes', 'Die letzten 30 Minuten'],
  historyText: [
    'Power in kilowatts and allowed current in amperes over the last 30 minutes. Marks show when something was written.',
    'Leistung in Kilowatt und erlaubter Strom in Ampere der letzten 30 Minuten. Striche zeigen, wann etwas geschrieben wurde.',
  ],
  control: ['Control', 'Steuern'],
  readOnly: [
    'The bridge is read-only (READ_ONLY): every write is refused.',
    'Die Brücke ist schreibgeschützt (READ_ONLY): Jedes Schreiben wird abgelehnt.',
  ],
  current: ['Charging current', 'Ladestrom'],
  blockedCurrent: ['0 A (blocked)', '0 A (gesperrt)'],
  set: ['Set', 'Setzen'],
  start: ['Start', 'Start'],
  stop: ['Stop', 'Stopp'],
  wake: ['Wake the car', 'Auto wecken'],
  mode: ['Charge mode', 'Lademodus'],
  phases: ['Phases', 'Phasen'],
  message: ['MQTT message', 'MQTT-Nachricht'],
  topic: ['Topic', 'Topic'],
  payload: ['Payload', 'Inhalt'],
  copy: ['Copy', 'Kopieren'],
  copied: ['Copied', 'Kopiert'],
  writes: ['Writes', 'Schreibzugriffe'],
  noWrites: ['Nobody has written anything yet.', 'Noch hat niemand etwas geschrieben.'],
  when: ['Time', 'Zeit'],
  outcome: ['Outcome', 'Ergebnis'],
  detail: ['Value or reason', 'Wert oder Grund'],
  done: ['done', 'ausgeführt'],
  waits: ['waits', 'wartet'],
  refused: ['refused', 'abgelehnt'],
  connections: ['Connections', 'Verbindungen'],
  charger: ['Charger', 'Charger'],
  broker: ['MQTT broker', 'MQTT-Broker'],
  reached: ['connected for', 'verbunden seit'],
  away: ['away for', 'weg seit'],
  check: ['Check', 'Prüfen'],
  checking: ['Checking …', 'Prüfe …'],
  topics: ['All topics', 'Alle Topics'],
  topicsHint: ['Search in names and meanings', 'In Namen und Bedeutungen suchen'],
  noValue: ['not reported by this charger', 'meldet dieser Charger nicht'],
  writable: ['can be written', 'kann geschrieben werden'],
  car: ['Simulated car', 'Simuliertes Auto'],
  plug: ['Plugged in', 'Angesteckt'],
  wants: ['Wants to charge', 'Will laden'],
  full: ['Battery full', 'Akku voll'],
  kind: ['Kind of car', 'Art des Autos'],
  press: ['Press the button', 'Taster drücken'],
  contactor: ['Contactor', 'Schütz'],
  contactorOk: ['works', 'funktioniert'],
  contactorOpen: ['does not close', 'schließt nicht'],
  contactorWelded: ['welded', 'verschweißt'],
  diode: ['Diode fault in the car', 'Diodenfehler im Auto'],
  knownTag: ['Hold a known tag to it', 'Bekannten Tag daranhalten'],
  strangeTag: ['Hold an unknown tag to it', 'Unbekannten Tag daranhalten'],
  leakage: ['Residual current', 'Fehlerstrom'],
  shutdown: ['Shutdown input closed', 'Abschalteingang geschlossen'],
  failed: ['That did not work:', 'Das hat nicht geklappt:'],
} as const satisfies Record<string, Text>;

export const word = (name: keyof typeof words): string => say(words[name]);

/** Names of the charge modes by their code (charger-wire 2.1). */
export const chargeModeNames: Readonly<Record<number, Text>> = {
  0: ['Fast', 'Schnell'],
  1: ['Off', 'Aus'],
  2: ['PV', 'PV'],
  3: ['Min + PV', 'Min + PV'],
  4: ['Default', 'Standard'],
  5: ['Min', 'Min'],
  6: ['Eco', 'Eco'],
  7: ['Eco + PV', 'Eco + PV'],
  8: ['Eco + Min', 'Eco + Min'],
  9: ['Eco + Min + PV', 'Eco + Min + PV'],
};
