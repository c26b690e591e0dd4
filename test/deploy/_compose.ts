import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

export const root = resolve(import.meta.dirname, '../../..');
export const folder = join(root, 'examples/compose');

/** The members of a service that these tests look at. */
export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly profiles?: readonly string[];
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

export const stacks: readonly string[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The variables that a `.env` file sets. */
export function readVariables(file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  return Object.fromEntries(
    lines
      .filter((line) => /^[^#\s]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** What compose puts in place of `${NAME:-preset}`, `${NAME:?what is missing}`, `${NAME}` and `$$`. */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (whole, name?: string, sign?: string, words = '') => {
      if (whole === '$$' || name === undefined) return '$';
      if (sign === '?' && !variables[name]) throw new Error(words);
      return variables[name] || words;
    },
  );
}

/** A compose file as the engine sees it. */
export function readCompose(file: string, variables: Readonly<Record<string, string>>): Compose {
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') return interpolate(value, variables);
    if (Array.isArray(value)) return value.map(filled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part)]));
  };
  return filled(parse(readFileSync(file, 'utf8'))) as Compose;
}

/** A stack as a newcomer starts it: with `.env.example` as it is. */
export function readStack(name: string): Compose {
  return readCompose(join(folder, name, 'compose.yaml'), readVariables(join(folder, name, '.env.example')));
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  /** A file or folder of the stack, in contrast to a named volume. */
  readonly bound: boolean;
}

/** What a service finds in its file system besides its image. */
export function mountsOf(compose: Compose, service: Service): Mount[] {
  const volumes = (service.volumes ?? []).map((text) => {
    const [source = '', target = ''] = text.split(':');
    return { source, target, bound: source.startsWith('.') };
  });
  const secrets = (service.secrets ?? []).map((name) => ({
    source: compose.secrets?.[name]?.file ?? '',
    target: `/run/secrets/${name}`,
    bound: true,
  }));
  return [...volumes, ...secrets];
}
