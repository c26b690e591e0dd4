import type { Kind } from './kinds.js';

/** One setting: a row of the table, from which file, environment, command line, help and example are made. */
export interface Setting<T> {
  readonly env: string;
  readonly kind: Kind<T>;
  readonly default: T | undefined;
  readonly doc: string;
  readonly secret?: true;
}

type Options<T> = { readonly default?: T; readonly secret?: true };
type Value<T, O extends Options<T>> = O extends { readonly default: T } ? T : T | undefined;

/** The row of one setting. */
export function settingRow<T, const O extends Options<T>>(
  env: string,
  kind: Kind<T>,
  doc: string,
  options?: O,
): Setting<Value<T, O>> {
  const { secret } = options ?? {};
  // Without a default the value may be undefined. A kind makes no such value, so both casts only widen its type.
  return {
    env,
    kind: kind as Kind<Value<T, O>>,
    default: options?.default as Value<T, O>,
    doc,
    ...(secret ? { secret } : {}),
  };
}
