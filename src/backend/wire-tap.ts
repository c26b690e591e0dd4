/** Hears what goes over the wire to a charger and comes from it, besides the states themselves. */
export interface WireTap {
  /** A message of the WebSocket came. */
  frame(bytes: number): void;
  /** A request was answered, or not. */
  exchange(exchange: Exchange): void;
}

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
