/** One file of the page, ready to be sent. */
export interface Asset {
  readonly type: string;
  /** Changes with the content. */
  readonly etag: string;
  /** Compressed with gzip. */
  readonly gzip: Uint8Array;
}

/**
 * The page's files by name. The bundle has them: scripts/bundle.js replaces this module by one that holds what
 * scripts/page.js has made of `browser/`. A program that was only compiled has none.
 */
export const assets: ReadonlyMap<string, Asset> = new Map();
