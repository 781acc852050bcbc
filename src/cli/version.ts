/** Replaced by the bundler with the version of package.json. */
declare const PITH_VERSION: string | undefined;

export const VERSION: string = typeof PITH_VERSION === 'string' ? PITH_VERSION : '0.0.0-source';
