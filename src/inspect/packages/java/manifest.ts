const MAX_LINES = 20_000;

/**
 * The main attributes of META-INF/MANIFEST.MF by name in lower case (JAR File Specification of Java 21), as far as they can be
 * read: a line that starts with a space continues the one before it.
 */
export function readManifest(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.split(/\r\n|\r|\n/, MAX_LINES)) {
    const colon = line.indexOf(':');
    if (line === '' && last !== undefined) break;
    if (line.startsWith(' ')) {
      if (last !== undefined) attributes.set(last, `${attributes.get(last) ?? ''}${line.slice(1)}`);
    } else if (colon > 0) {
      last = line.slice(0, colon).toLowerCase();
      attributes.set(last, line.slice(colon + 1).trimStart());
    }
  }
  return attributes;
}

/** Values of a .properties file (java.util.Properties) of one line each, by name. */
export function readProperties(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/, MAX_LINES)) {
    const [, name, value] = /^[ \t]*([^#!\s=:][^\s=:]*)[ \t]*[=:][ \t]*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, value.trim());
  }
  return values;
}
