import type { ModelType } from '../model/generations/model-type.js';
import type { Generation } from './availability.js';

/** How a modelled charger presents itself. */
export interface ModelIdentity {
  readonly generation: Generation;
  /** Type of the charger in its `info/name`, and the first part of its name. */
  readonly name: string;
  readonly display: string;
  /** The release whose topics it has. */
  readonly release: string;
  readonly features: readonly string[];
}

const LATER_FEATURES = ['cp_disconnect', 'button_configuration', 'ethernet'];

/** The charger that each type of the model is. */
export const models: Readonly<Record<ModelType, ModelIdentity>> = {
  warp1: { generation: 'WARP1', name: 'warp', display: 'WARP Charger', release: '2.8.9', features: ['nfc'] },
  warp2: {
    generation: 'WARP2',
    name: 'warp2',
    display: 'WARP2 Charger',
    release: '2.12.1',
    features: [...LATER_FEATURES, 'evse_gp_output', 'nfc'],
  },
  warp3: {
    generation: 'WARP3',
    name: 'warp3',
    display: 'WARP3 Charger',
    release: '2.12.1',
    features: [...LATER_FEATURES, 'rgb_led', 'nfc'],
  },
};
