import { createHash } from 'node:crypto';
import { makeZip } from './zip.ts';

/** What a test's wheel has in place of what a sound one would have. */
export interface TestWheel {
  readonly name: string;
  readonly version?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** More lines of METADATA. */
  readonly metadata?: readonly string[];
  /** Of entry_points.txt, such as `app = app.main:run`. */
  readonly scripts?: readonly string[];
  readonly wheelVersion?: string;
  readonly algorithm?: 'sha256' | 'sha512' | 'md5';
  /** Changes the lines of RECORD. */
  readonly record?: (lines: readonly string[]) => readonly string[];
}

/** A wheel (PyPA specifications, "Binary distribution format"). */
export function makeWheel(wheel: TestWheel): Buffer {
  const { name, version = '1.0', files = {}, metadata = [], scripts = [], algorithm = 'sha256' } = wheel;
  const info = `${name}-${version}.dist-info`;
  const members: Record<string, string | Uint8Array> = {
    ...files,
    [`${info}/METADATA`]: [
      `Metadata-Version: 2.1`,
      `Name: ${name}`,
      `Version: ${version}`,
      ...metadata,
      '',
      'Text',
    ].join('\n'),
    [`${info}/WHEEL`]: `Wheel-Version: ${wheel.wheelVersion ?? '1.0'}\nRoot-Is-Purelib: true\n`,
    ...(scripts.length === 0
      ? {}
      : { [`${info}/entry_points.txt`]: `[console_scripts]\n${scripts.join('\n')}\n` }),
  };
  const lines = Object.entries(members).map(([path, content]) => {
    const digest = createHash(algorithm).update(content).digest('base64url');
    return `${path.includes(',') ? `"${path}"` : path},${algorithm}=${digest},${content.length}`;
  });
  const record = wheel.record?.(lines) ?? lines;
  return makeZip({ ...members, [`${info}/RECORD`]: `${[...record, `${info}/RECORD,,`].join('\n')}\n` });
}
