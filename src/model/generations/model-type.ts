/** The chargers that can be modelled. */
export const modelTypes = ['warp1', 'warp2', 'warp3'] as const;
export type ModelType = (typeof modelTypes)[number];

/** The default type. */
export const FIRST_TYPE: ModelType = 'warp1';
