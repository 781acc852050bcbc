type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the locale's characters are those of Unicode (POSIX.1-2017, XBD 8.2: the first of these that is not empty counts). */
export function hasUnicode(environment: Environment): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find((value) => value);
  return /utf-?8/i.test(locale ?? '');
}

/** Whether colours are wanted (no-color.org). */
export function hasColour(environment: Environment): boolean {
  return !environment['NO_COLOR'];
}
