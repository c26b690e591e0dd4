import { type Target, type TargetOptions, targetOf } from '../../../src/backend/http/target.js';

/** The charger at `url`, reached as the defaults say but for `overrides`. */
export const testTarget = (url: string, overrides: Partial<TargetOptions> = {}): Target =>
  targetOf({ url, timeout: 5_000, rejectUnauthorized: true, ...overrides });
