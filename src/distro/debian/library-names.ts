const VERSION_BEHIND = /^(lib[^/\s]+?)\.so\.([0-9][\w.]*)$/;
const VERSION_BEFORE = /^(lib[^/\s]+)-([0-9][\w.]*)\.so$/;

/**
 * How the package of a shared library may be called by the rules of Debian's policy (8.1), likeliest first: the name
 * and the version of the library (`libpq5`), with a hyphen between two digits (`libpng16-16`), with `t64` behind it where times have
 * got 64 bits (`libvips42t64`), or the name alone where it ends in the version (`libpython3.13`).
 *
 * @param file `libpq.so.5`, `libdb-5.3.so`
 * @returns none where the file's name has no version
 */
export function packageNamesOf(file: string): string[] {
  const [, stem, version = ''] = VERSION_BEHIND.exec(file) ?? VERSION_BEFORE.exec(file) ?? [];
  if (stem === undefined) return [];
  const name = stem.toLowerCase().replaceAll('_', '-');
  const suffix = version.toLowerCase();
  const hyphened = [`${name}-${suffix}`, `${name}-${suffix}t64`];
  return /[0-9]$/.test(name) ? [...hyphened, name] : [`${name}${suffix}`, `${name}${suffix}t64`, ...hyphened];
}
