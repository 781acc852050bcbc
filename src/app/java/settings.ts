import { isPort } from '../common/ports.ts';
import { isFields } from '../common/values.ts';

/** Reads a text by its name without an ending, such as `config/application.properties`; undefined if there is none. */
export type ReadText = (name: string) => Promise<string | undefined>;

const MAX_DEPTH = 8;
const FILES = ['application', 'config/application'];

/** Values of an application's settings by key with dots; those of `config/` win, and of properties over YAML. */
export async function readSettings(read: ReadText): Promise<ReadonlyMap<string, string>> {
  const settings = new Map<string, string>();
  for (const file of FILES) {
    for (const ending of ['yaml', 'yml']) {
      const text = await read(`${file}.${ending}`);
      if (text !== undefined) for (const [key, value] of await readYaml(text)) settings.set(key, value);
    }
    const text = await read(`${file}.properties`);
    if (text !== undefined) for (const [key, value] of readProperties(text)) settings.set(key, value);
  }
  return settings;
}

/** A port that settings name, the default of a placeholder (`${PORT:8080}`) included; `unset` if none does. */
export function portOf(
  settings: ReadonlyMap<string, string>,
  key: string,
  unset: number | undefined,
): number | undefined {
  const value = settings.get(key);
  if (value === undefined) return unset;
  const plain = /^\$\{[^:{}]+:(.*)\}$/.exec(value.trim())?.[1] ?? value.trim();
  const port = /^\d{1,5}$/.test(plain) ? Number(plain) : undefined;
  return port !== undefined && isPort(port) ? port : undefined;
}

/**
 * Lines of a properties file (java.util.Properties, load) as far as names and ports need them: without escapes, and without
 * what Spring Boot takes for another document.
 */
export function readProperties(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith('#---')) break;
    const [, key, value] = /^\s*([^#!\s:=][^\s:=]*)\s*[:=\s]\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value.trim());
  }
  return values;
}

/** The first document; others are for profiles. Damaged ones say nothing: the application itself will. */
async function readYaml(text: string): Promise<ReadonlyMap<string, string>> {
  const { parseAllDocuments } = await import('../common/yaml.ts');
  const values = new Map<string, string>();
  try {
    const documents = parseAllDocuments(text, { logLevel: 'silent' });
    const value: unknown = Array.isArray(documents) ? documents[0]?.toJS() : undefined;
    flatten(value, '', values, 0);
  } catch {
    return values;
  }
  return values;
}

function flatten(value: unknown, path: string, values: Map<string, string>, depth: number): void {
  if (typeof value === 'string' || typeof value === 'number') values.set(path, String(value));
  else if (isFields(value) && depth < MAX_DEPTH)
    for (const [key, below] of Object.entries(value))
      flatten(below, path === '' ? key : `${path}.${key}`, values, depth + 1);
}
