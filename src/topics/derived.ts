import type { Json } from '../base/json.js';
import type { Topic } from './topic.js';

/** A topic that no charger has: the bridge makes it of one that the charger has, at every change of that. */
export interface DerivedTopic extends Topic {
  /** The path of the topic that it is made of. */
  readonly from: string;
  /** Its payload; `value` is that of `from`, and has the shape of its row. */
  readonly make: (value: Json) => Json;
}

/** Makes the topic `row` of the topic `from`, whose payload is a `T`. */
export function derived<T extends Json>(row: Topic, from: string, make: (value: T) => Json): DerivedTopic {
  // The row of `from` has checked the value: that is what `T` says.
  return { ...row, from, make: (value) => make(value as T) };
}
