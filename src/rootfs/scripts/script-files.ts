/** The files of a package's control archive that its installation would use (deb-preinst(5) and others). */
export const SCRIPT_FILES = ['preinst', 'config', 'postinst', 'triggers'] as const;

/** Largest script that is read, in bytes; the largest one of Debian 13 that a shell runs has some 30,000. */
export const MAX_SCRIPT = 128 << 10;
