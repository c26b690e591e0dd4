import type { Json } from '../../base/json.js';
import { RequestFailed } from './request-failed.js';

const TOO_OLD =
  'its firmware 1.x has another API than all later ones; update the charger to firmware 2.0 or later';

/**
 * Adapts to the firmware of the charger. States of firmware 1.x are not passed on: half of its topics have other shapes
 * (charger-wire 2.2).
 */
export class FirmwareCompat {
  readonly #onVerdict: () => void;
  #firmware: readonly number[] = [];
  #fault: RequestFailed | undefined;

  /** `onVerdict`: `fault` has changed. */
  constructor(onVerdict: () => void) {
    this.#onVerdict = onVerdict;
  }

  /** Why this firmware can't be used; undefined where it can. */
  get fault(): RequestFailed | undefined {
    return this.#fault;
  }

  /** The charger reports `path`; returns whether that may be passed on. */
  accepts(path: string, text: string): boolean {
    if (path === 'evse/state') this.#setFault(isFirmware1(text));
    if (path === 'info/version') this.#firmware = versionOf(text);
    return this.#fault === undefined;
  }

  /** `value` as this firmware wants it: before 2.3 the LED takes no colours, 2.3 takes them as h, s, v (charger-wire 9). */
  encode(path: string, value: Json): Json {
    const [major = 0, minor = 0] = this.#firmware;
    if (path !== 'evse/indicator_led' || major !== 2 || minor > 3) return value;
    const {
      indication,
      duration,
      color_h: h = 0,
      color_s: s = 0,
      color_v: v = 0,
    } = value as Record<string, Json>;
    const both = { indication: indication ?? -1, duration: duration ?? 0 };
    return minor === 3 ? { ...both, h, s, v } : both;
  }

  #setFault(tooOld: boolean): void {
    if (tooOld === (this.#fault !== undefined)) return;
    this.#fault = tooOld ? new RequestFailed('too_old', TOO_OLD) : undefined;
    this.#onVerdict();
  }
}

/** Whether `text` is an `evse/state` of firmware 1.x: only that had `vehicle_state` in it. */
export function isFirmware1(text: string): boolean {
  return text.includes('"vehicle_state"') && !text.includes('"charger_state"');
}

function versionOf(text: string): readonly number[] {
  const firmware = /"firmware"\s*:\s*"(\d+)\.(\d+)/.exec(text);
  return firmware ? firmware.slice(1).map(Number) : [];
}
