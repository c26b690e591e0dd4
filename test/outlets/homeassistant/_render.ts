import { Template } from '@huggingface/jinja';

const templates = new Map<string, Template>();

/** Renders a template as Home Assistant does for a value (`value_json`) or a command (`value`). */
export function render(template: string, context: Readonly<Record<string, unknown>>): string {
  const known = templates.get(template) ?? new Template(template);
  templates.set(template, known);
  return known.render({ this: { state: 'unknown', attributes: {} }, ...context });
}
