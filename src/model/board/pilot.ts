/** What hangs on the control pilot and the proximity contact. */
export interface PilotSource {
  /** Ohms on the control pilot. */
  load(time: number): number;
  /** Whether the load has the diode that a vehicle has. */
  readonly diode: boolean;
  /** The cable's resistor in ohms, null for none. */
  readonly resistor: number | null;
}

/** The control pilot and the proximity contact: what is measured, when, and what signal is put out. */
export interface Pilot {
  /** The duty cycle as the controller reports it, in 1/1000. */
  readonly duty: number;
  /** The duty cycle that is really on the wire, in 1/1000. */
  readonly physicalDuty: number;
  /** The vehicle is offered more current than is reported (controller-model 3). */
  boost: boolean;
  /** When the next reading that matters is taken. */
  readonly dueAt: number;
  /** Does what is due at `time`; true if an evaluation is needed. */
  run(time: number): boolean;
  /** What hangs on the contacts has changed. */
  lineChanged(time: number): void;
}
