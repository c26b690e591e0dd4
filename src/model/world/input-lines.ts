import type { InputState } from '../api-types.js';

/** What is wired to the inputs of the board. */
export class InputLines {
  state: InputState = { shutdown: 'open', gp: 'open' };
}
