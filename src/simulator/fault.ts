import type { States } from './api/states.js';
import type { MainLoop } from './main-loop.js';
import type { NetworkProcessor } from './network-processor.js';
import type { PushServer } from './push-server.js';

/** The faults of a charger that can be injected (charger-wire 10.10). */
export const modes = ['none', 'reboot', 'stall', 'frozen', 'no_controller', 'lossy_dump', 'evict'] as const;
export type Mode = (typeof modes)[number];

/** A fault to be injected. */
export interface Fault {
  readonly mode: Mode;
  /** ms that a reboot, a stall or a dump takes. */
  readonly duration: number | undefined;
}

export interface FaultInjectorParts {
  readonly loop: MainLoop;
  readonly states: States;
  readonly processor: NetworkProcessor;
  readonly push: PushServer;
}

/** How long a stall lasts by default, ms. */
const STALL_MS = 15_000;

/** How long a dump in which changes are lost takes by default, ms. */
const DUMP_MS = 2_000;

/** Injects faults into the simulated charger. */
export interface FaultInjector {
  /** The fault that is active now; `none` after those that are over at once (`reboot`, `evict`). */
  lasting(): Mode;
  /** Injects a fault; `none` ends those that last. */
  apply(fault: Fault): void;
}

/** Makes the injector for these parts. */
export function faultInjector({ loop, states, processor, push }: FaultInjectorParts): FaultInjector {
  return {
    lasting() {
      if (loop.stalled) return 'stall';
      if (states.controller !== 'works') return states.controller === 'frozen' ? 'frozen' : 'no_controller';
      return push.dumpMs > 0 ? 'lossy_dump' : 'none';
    },
    apply({ mode, duration }) {
      switch (mode) {
        case 'none':
          loop.release();
          push.dumpMs = 0;
          if (states.controller !== 'works') states.setController('works');
          break;
        case 'reboot':
          processor.restart({ orderly: true, forget: false, downtime: duration });
          break;
        case 'stall':
          loop.stall(duration ?? STALL_MS);
          break;
        case 'no_controller':
          states.setController('missing');
          break;
        case 'frozen':
          states.setController('frozen');
          break;
        case 'lossy_dump':
          push.dumpMs = duration ?? DUMP_MS;
          break;
        case 'evict':
          push.evict();
      }
    },
  };
}
