import type { Json } from '../base/json.js';
import type { Topic } from './topic.js';

/** A topic that no charger has: the bridge makes it from a topic of the charger, each time that one changes. */
export interface DerivedTopic extends Topic {
  /** The path of the topic that it is made from. */
  readonly from: string;
  /** Makes its payload from `value`, a checked payload of `from`. */
  readonly make: (value: Json) => Json;
}

/** The topic `row`, made from the topic `from`, whose payload is a `T`. */
export function derived<T extends Json>(row: Topic, from: string, make: (value: T) => Json): DerivedTopic {
  // The value has passed the check of the row of `from`, whose shape is `T`.
  return { ...row, from, make: (value) => make(value as T) };
}
