/** Builds dist/, with the declarations of the library if asked for. */
export function buildAll(options?: { types?: boolean }): Promise<void>;
