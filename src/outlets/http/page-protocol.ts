import type { Text } from '../../topics/entity.js';

/** What the server sends to the page, as JSON in server-sent events. Times are ages in ms, as the two clocks may differ. */

/** The state of a connection, for people. */
export interface ConnectionView {
  readonly up: boolean;
  /** For how long it has been up or down, ms. */
  readonly sinceMs: number;
  /** The transport if it is up (the charger's), else the reason why it is down. */
  readonly detail: string;
}

export interface DiagnosisView {
  readonly kind: 'fault' | 'blocked' | 'waiting' | 'idle' | 'charging';
  readonly text: Text;
  readonly remedy?: Text;
}

/** One line in the list of chargers. */
export interface ChargerSummary {
  readonly prefix: string;
  readonly title: string;
  readonly kind: DiagnosisView['kind'];
}

/** An answered write, whoever sent it. */
export interface WriteView {
  readonly agoMs: number;
  readonly topic: string;
  /** `ok`, `waiting`, or the code of the refusal (contract 4.8). */
  readonly outcome: string;
  /** The value that was taken, as JSON, or why it was refused. */
  readonly detail: string;
}

/** Power in W and allowed current in A over the last half hour; null where it was not known. */
export interface HistoryView {
  readonly stepMs: number;
  /** Age of the newest sample. */
  readonly agoMs: number;
  readonly power: readonly (number | null)[];
  readonly allowed: readonly (number | null)[];
}

/** The first event on a connection: everything about one charger. */
export interface PageSnapshot {
  readonly version: string;
  readonly prefix: string;
  /** Whether the charger is the built-in model. */
  readonly simulated: boolean;
  readonly readOnly: boolean;
  readonly chargers: readonly ChargerSummary[];
  readonly charger: ConnectionView;
  readonly broker: ConnectionView;
  readonly diagnosis: DiagnosisView;
  readonly notice?: { readonly text: Text; readonly remedy?: Text };
  /** Every topic's payload. */
  readonly states: Readonly<Record<string, string>>;
  readonly writes: readonly WriteView[];
  readonly history: HistoryView;
}

/** What has changed since the last event; a member that has not changed is absent. `writes` are only the new ones. */
export type PageUpdate = Partial<
  Omit<PageSnapshot, 'version' | 'prefix' | 'simulated' | 'readOnly' | 'history'>
>;

/** One row of the reference, for the list of topics. */
export interface TopicView {
  readonly path: string;
  readonly doc: string;
  readonly writable: boolean;
}

/** A write that the page asks for; the answer is the receipt of contract 4.8. */
export interface WriteRequest {
  readonly prefix: string;
  readonly path: string;
  /** The payload as it would be published. */
  readonly payload: string;
}

/** The result of one step of `check`. */
export interface CheckStep {
  /** With a `note` everything works, but the text is worth knowing. */
  readonly result: 'ok' | 'note' | 'FAIL';
  readonly text: string;
}
