import { AuxiliaryMonitor } from '../board/auxiliary-monitor.js';
import type { GpioPicture } from '../board/block-picture.js';
import { PhaseSwitch } from '../board/phase-switch.js';
import { booting } from '../board/steps/boot.js';
import { contactorFault, jumperFault } from '../board/steps/faults.js';
import { hysteresisBands } from '../board/steps/hysteresis-bands.js';
import {
  cutPilot,
  dcTest,
  diodeFault,
  earthFault,
  fadingDiodeFault,
  ignoredReadings,
  phaseSequence,
  residualCurrent,
} from '../board/steps/pilot-line.js';
import type { LaterVariant } from './later.js';

/** The board of a WARP3: two contactors, watched by their auxiliary contacts, that switch phases (controller-model-2). */
export const warp3Board: LaterVariant = {
  levels: { high: 3910, low: 176, lowWithVehicle: 232, plus12: 3750, minus12: 177 },
  hasInput: false,
  steps: [
    booting,
    dcTest,
    earthFault,
    residualCurrent,
    contactorFault,
    jumperFault,
    diodeFault,
    ignoredReadings,
    fadingDiodeFault,
    phaseSequence,
    cutPilot,
    hysteresisBands,
  ],
  monitor: ({ around }, start) => new AuxiliaryMonitor(start, around.supply),
  phases: (parts, { around }) => new PhaseSwitch(parts, around.flash, parts),
  gpio,
};

/** The lines by controller-model-2 9.2. */
function gpio(look: GpioPicture): boolean[] {
  const { either } = look;
  return [
    ...[(look.dcPins & 2) !== 0, (look.dcPins & 1) !== 0, (look.dcPins & 4) !== 0, look.testLine, false],
    ...[look.pressed, either(6), either(7), either(8), look.pwm ? either(9) : true, look.phases === 1],
    ...[!look.closed, !look.second, !look.first, either(14), true, look.relayOpen, true, look.shutdownOpen],
    ...[false, false, false, false, false],
  ];
}
