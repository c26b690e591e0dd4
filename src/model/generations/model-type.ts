/** Which charger is modelled. */
export const modelTypes = ['warp1', 'warp2', 'warp3'] as const;
export type ModelType = (typeof modelTypes)[number];

/** What is modelled unless told otherwise. */
export const FIRST_TYPE: ModelType = 'warp1';
