import { LED_API, LED_BLINKING, LED_BREATHING, LED_FLICKERING, LED_ON, type Led } from './led.js';

/** Between two rounds of a pattern (controller-model 7.1). */
const PAUSE_MS = 2000;

/** What decides how bright the LED is, at one moment. */
export class LedLook {
  state = 0;
  since = 0;
  blinks = 0;
  indication = 0;

  capture({ state, since, blinks, indication }: Led): void {
    this.state = state;
    this.since = since;
    this.blinks = blinks;
    this.indication = indication;
  }
}

/** How bright the LED is at `time`, 0..1: the physical patterns (controller-model 7.1, 7.2). */
export function brightness(led: Omit<LedLook, 'capture'>, time: number): number {
  const shown = time - led.since;
  switch (led.state) {
    case LED_ON:
      return 1;
    case LED_BLINKING:
      // The pattern of an error begins with the pause; that of the API begins with the blinks.
      return shown < PAUSE_MS ? 0 : blinks(led.blinks, shown - PAUSE_MS);
    case LED_FLICKERING:
      return Math.floor(shown / 50) % 2;
    case LED_BREATHING:
      return triangle(shown, 1275);
    case LED_API:
      return indicated(led.indication, shown);
    default:
      return 0;
  }
}

/** Whether the LED's line, a PWM signal, is high at one moment; `uptime` chooses the moment. */
export function sampledHigh(brightness: number, uptime: number): boolean {
  if (brightness <= 0 || brightness >= 1) return brightness > 0;
  return (Math.imul(uptime, 2_654_435_761) >>> 0) / 4_294_967_296 < brightness;
}

function indicated(indication: number, shown: number): number {
  if (indication >= 2001) return blinks(indication - 2000, shown);
  switch (indication) {
    case 1001: {
      const at = shown % (3 * 512 + PAUSE_MS);
      return at < 3 * 512 ? (at % 512) / 512 : 0;
    }
    case 1002: {
      const at = shown % (256 + 400);
      return at < 256 ? 1 - at / 256 : 0;
    }
    case 1003: {
      const at = shown % (512 + 400);
      return at < 512 ? triangle(at, 256) : 0;
    }
    default:
      // The eye sees steps of equal ratio as equal, so the firmware dims along a curve; a square is near enough.
      return (indication / 255) ** 2;
  }
}

function blinks(count: number, shown: number): number {
  const at = shown % (count * 500 + PAUSE_MS);
  return at < count * 500 && at % 500 >= 250 ? 1 : 0;
}

function triangle(shown: number, slope: number): number {
  const at = shown % (2 * slope);
  return at < slope ? at / slope : 2 - at / slope;
}
