/** Replaced by the bundler with the version of package.json. */
declare const PITH_VERSION: string | undefined;
/** Replaced by the bundler with a digest of the sources. */
declare const PITH_SOURCES: string | undefined;

export const VERSION: string = typeof PITH_VERSION === 'string' ? PITH_VERSION : '0.0.0-source';

/** Differs between any two builds that could print different things; undefined for sources that are not bundled. */
export const SOURCES: string | undefined = typeof PITH_SOURCES === 'string' ? PITH_SOURCES : undefined;
