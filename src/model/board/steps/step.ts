/**
 * One row of an evaluation (controller-model 2.2, controller-model-2 2.2): goes on to the `next` row, or has decided,
 * so that the `outputs` of the state follow, or leaves everything as it is (`frozen`). Steps keep nothing themselves;
 * what they have to remember is in the parts, so that all boards of a generation share them.
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
