/** Is told of the traffic with a charger, except the states themselves. A recording is made with it. */
export interface WireTap {
  /** A message of the WebSocket came. */
  frame(bytes: number): void;
  /** A request has ended, with an answer or without. */
  exchange(exchange: Exchange): void;
}

/** A request to the charger, and what came of it. */
export interface Exchange {
  readonly method: 'GET' | 'PUT';
  /** The topic or command, without the address of the charger. */
  readonly path: string;
  /** What was sent. */
  readonly body?: string | undefined;
  /** Undefined where no answer came. */
  readonly status: number | undefined;
  /** What was answered, or what went wrong. */
  readonly text: string;
}
