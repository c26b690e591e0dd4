import type { GenerationModel } from '../generation.js';
import { LaterParts } from './later.js';
import { FIRST_TYPE, type ModelType } from './model-type.js';
import { Warp1Parts } from './warp1.js';
import { warp2Board } from './warp2.js';
import { warp3Board } from './warp3.js';

const PUBLIC_TEXT_SLOTS = 15;
const PRESENT_SLOTS = 17;

const GENERATIONS: Readonly<Record<ModelType, GenerationModel>> = {
  warp1: {
    evseVersion: 15,
    meterType: undefined,
    factory: { slotCount: PUBLIC_TEXT_SLOTS, gpio: { shutdown_input: 0, input: 0, output: 1 } },
    assemble: (context) => new Warp1Parts(context),
    supply: { hasSecond: false, contactTime: 0 },
    sensor: 'X904',
    hasNoisyLoad: true,
    unusedSlots: [2, 3],
    hasGridLimit: false,
    switchesPhases: false,
  },
  warp2: {
    evseVersion: 20,
    meterType: 3,
    factory: { slotCount: PRESENT_SLOTS, gpio: { shutdown_input: 0, input: 0, output: 1 } },
    assemble: (context) => new LaterParts(context, warp2Board),
    supply: { hasSecond: false, contactTime: 0 },
    sensor: 'X904',
    hasNoisyLoad: false,
    unusedSlots: [],
    hasGridLimit: true,
    switchesPhases: false,
  },
  warp3: {
    evseVersion: 30,
    meterType: 6,
    factory: { slotCount: PRESENT_SLOTS, gpio: { shutdown_input: 4, input: 0, output: 1 } },
    assemble: (context) => new LaterParts(context, warp3Board),
    supply: { hasSecond: true, contactTime: 20 },
    sensor: 'X804',
    hasNoisyLoad: false,
    unusedSlots: [],
    hasGridLimit: true,
    switchesPhases: true,
  },
};

/** What makes a charger of this type. */
export function generationOf(type: ModelType = FIRST_TYPE): GenerationModel {
  return GENERATIONS[type];
}
