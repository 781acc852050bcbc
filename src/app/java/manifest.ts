import { invalid } from '../common/documents.ts';

/** Attributes of a manifest's main section, by name in lower case. */
export type Manifest = ReadonlyMap<string, string>;

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/**
 * The main section of META-INF/MANIFEST.MF (JAR File Specification of Java 21, "Name-Value pairs and Sections"). Lines of
 * any length are read; one that starts with a space continues the one before it, within a character even.
 * @param what names it in the error APP_INVALID, which Java would refuse, too
 */
export function parseManifest(bytes: Uint8Array, what: string): Manifest {
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .split(/\r\n|\r|\n/);
  const attributes = new Map<string, string>();
  let last: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (line === '') {
      if (last === undefined) continue;
      break;
    }
    const fault = (why: string): Error =>
      invalid(`${what}, line ${index + 1}: ${why}`, 'Build the jar anew: Java would not start it.');
    if (line.startsWith(' ')) {
      if (last === undefined) throw fault('it continues no line');
      attributes.set(last, `${attributes.get(last) ?? ''}${line.slice(1)}`);
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!NAME.test(name) || line.charAt(colon + 1) !== ' ') throw fault('it is no `Name: value`');
    last = name.toLowerCase();
    attributes.set(last, line.slice(colon + 2));
  }
  return new Map(
    [...attributes].map(([name, value]) => [name, Buffer.from(value, 'latin1').toString('utf8').trim()]),
  );
}

/** An attribute that says something. */
export function attributeOf(manifest: Manifest, name: string): string | undefined {
  const value = manifest.get(name.toLowerCase());
  return value === '' ? undefined : value;
}

/**
 * What the manifest asks of the JVM; only `java -jar` follows that by itself (java.util.jar, "Main Attributes"), so a start by
 * class path says it as options.
 */
export function optionsOf(manifest: Manifest): string[] {
  const each = (attribute: string, option: (value: string) => string): string[] =>
    (attributeOf(manifest, attribute)?.split(/\s+/) ?? []).map(option);
  return [
    ...each('Add-Exports', (value) => `--add-exports=${value}=ALL-UNNAMED`),
    ...each('Add-Opens', (value) => `--add-opens=${value}=ALL-UNNAMED`),
    ...each('Enable-Native-Access', (value) => `--enable-native-access=${value}`),
  ];
}
