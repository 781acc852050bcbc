import type { FileReader } from '../model.ts';
import { smallFile } from './small-file.ts';

const LIMIT = 64 << 10;
const MAX_VALUES = 200;
const PATH = /^(?:etc|usr\/lib)\/os-release$/;
const LINE = /^([A-Z][A-Z0-9_]*)=(.*)$/;

/** os-release(5). */
export const osReleaseReader: FileReader = {
  open(file) {
    if (!PATH.test(file.path)) return undefined;
    return smallFile(file, LIMIT, (bytes) => {
      const values = readAssignments(bytes.toString('utf8'));
      return Object.keys(values).length > 0 ? [{ kind: 'os-release', values }] : [];
    });
  },
};

/** Later lines win, as in a shell; lines that are no assignment are left out. */
function readAssignments(text: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = LINE.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined && values.size < MAX_VALUES)
      values.set(name, unquote(value));
  }
  return Object.fromEntries(values);
}

function unquote(value: string): string {
  const [, single] = /^'([^']*)'/.exec(value) ?? [];
  if (single !== undefined) return single;
  const [, double] = /^"((?:[^"\\]|\\.)*)"/.exec(value) ?? [];
  return (double ?? value).replace(/\\(["'\\$`])/g, '$1').trim();
}
