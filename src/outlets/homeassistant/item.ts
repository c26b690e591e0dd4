import type { Entity } from '../../topics/entity.js';
import type { Topic } from '../../topics/topic.js';

/** An entity and the row that it stands in. */
export interface Item {
  readonly row: Topic;
  readonly entity: Entity;
}

/** Whether entities of this platform write to the charger. */
export function isControl(platform: Entity['platform']): boolean {
  return platform === 'number' || platform === 'switch' || platform === 'select' || platform === 'button';
}
