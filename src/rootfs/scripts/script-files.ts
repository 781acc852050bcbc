/** The files of a package's control archive that its installation would use (deb-preinst(5) and others). */
const SCRIPT_FILES = ['preinst', 'config', 'postinst', 'triggers'] as const;

/** Largest script that is read, in bytes; the largest one of Debian 13 that a shell runs has some 30,000. */
export const MAX_SCRIPT = 128 << 10;

/** Those of a package by name; of one that is too large to be read, the start. @param metadata its control.tar, by name */
export function scriptsOf(metadata: ReadonlyMap<string, Uint8Array> = new Map()): Record<string, Uint8Array> {
  return Object.fromEntries(
    SCRIPT_FILES.flatMap((name) => {
      const content = metadata.get(name);
      return content ? [[name, content.subarray(0, MAX_SCRIPT + 1)] as const] : [];
    }),
  );
}
