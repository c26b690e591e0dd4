/** A change of one place in the source: `find` is there once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A fault that the program once had, or could have: with these edits it has it again. */
export interface Mutation {
  readonly name: string;
  /** What is wrong then, in a clause. */
  readonly fault: string;
  readonly edits: readonly Edit[];
  /** Faults of the world that bring it to light; default all. */
  readonly faults?: readonly string[];
  /** The seed with which the search begins, where what it takes is rare; default 1. */
  readonly from?: number;
}
