/** One file of the page, ready to be sent. */
export interface Asset {
  readonly type: string;
  /** A text that changes with the content. */
  readonly etag: string;
  /** The content, compressed with gzip. */
  readonly gzip: Uint8Array;
}

/**
 * The page's files by name. This module is only a stand-in: in the bundle, scripts/bundle.js replaces it by one with
 * the files that scripts/page.js makes of `browser/`. A program that is compiled but not bundled has no page.
 */
export const assets: ReadonlyMap<string, Asset> = new Map();
