import { makeZip } from './zip.ts';

/** A Java class file as far as its version, name and methods go (JVMS 21, chapter 4). */
export interface TestClass {
  /** With slashes. */
  readonly name?: string;
  /** Version of Java: 17 is class file version 61. */
  readonly java?: number;
  readonly isPreview?: boolean;
  readonly hasMain?: boolean;
}

type Members = Readonly<Record<string, string | Uint8Array>>;

const PUBLIC_STATIC = 0x0009;

export function makeClass({ name = 'Main', java = 17, isPreview, hasMain }: TestClass = {}): Buffer {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([1]), short(Buffer.byteLength(value)), Buffer.from(value)]);
  const reference = (index: number): Buffer => Buffer.concat([Buffer.from([7]), short(index)]);
  const constants = [
    text(name),
    reference(1),
    text('java/lang/Object'),
    reference(3),
    text('main'),
    text('([Ljava/lang/String;)V'),
    text('Code'),
    Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 9]),
  ];
  const attribute = Buffer.concat([short(7), short(0), short(3), Buffer.from('xyz')]);
  const field = Buffer.concat([short(0), short(7), short(7), short(1), attribute]);
  const method = Buffer.concat([short(hasMain ? PUBLIC_STATIC : 1), short(5), short(6), short(1), attribute]);
  return Buffer.concat([
    Buffer.from([0xca, 0xfe, 0xba, 0xbe]),
    short(isPreview ? 0xffff : 0),
    short(java + 44),
    // A long takes two places.
    short(constants.length + 2),
    ...constants,
    short(0x21),
    short(2),
    short(4),
    short(1),
    short(4),
    short(1),
    field,
    short(1),
    method,
    short(0),
  ]);
}

/** Where {@link makeRunnable} has its main class. */
export const MAIN_FILE = 'com/example/App.class';

/** A jar with a manifest of these attributes. */
export function makeJar(attributes: Readonly<Record<string, string>>, members: Members = {}): Buffer {
  return makeZip({ 'META-INF/MANIFEST.MF': makeManifest(attributes), ...members });
}

/** A jar with a main class. */
export function makeRunnable(
  attributes: Readonly<Record<string, string>> = {},
  members: Members = {},
  main: TestClass = {},
): Buffer {
  return makeJar(
    { 'Main-Class': 'com.example.App', ...attributes },
    { [MAIN_FILE]: makeClass({ name: 'com/example/App', ...main }), ...members },
  );
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** A manifest of these attributes. */
export function makeManifest(attributes: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ 'Manifest-Version': '1.0', ...attributes });
  return `${lines.map(([name, value]) => `${name}: ${value}`.match(/.{1,70}/g)?.join('\r\n ')).join('\r\n')}\r\n\r\n`;
}
