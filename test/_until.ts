/** Waits for a condition, looking again and again; throws when it does not come true within `ms`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  ms = 30_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`waited ${ms} ms in vain for ${typeof what === 'string' ? what : what()}`);
    }
    await new Promise((next) => setTimeout(next, 5));
  }
}
