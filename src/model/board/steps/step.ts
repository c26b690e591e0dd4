/**
 * One row of an evaluation (controller-model 2.2, controller-model-2 2.2). It returns `next`: the next row decides;
 * `outputs`: the state is decided, and its outputs follow; or `frozen`: everything stays as it is. A step has no state
 * of its own: that is in the parts, so that all boards of a generation share the steps.
 */
export type EvaluationStep<O> = (parts: O, time: number) => 'next' | 'outputs' | 'frozen';

/** Goes through the rows; true if the outputs follow. */
export function decide<O>(steps: readonly EvaluationStep<O>[], parts: O, time: number): boolean {
  for (const step of steps) {
    const then = step(parts, time);
    if (then === 'frozen') return false;
    if (then === 'outputs') return true;
  }
  return true;
}
