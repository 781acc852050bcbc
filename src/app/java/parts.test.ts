import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeClass, makeManifest } from '../../testing/jar.ts';
import { failureOf } from '../../testing/thrown.ts';
import { readClassVersion, readMainClass } from './class-file.ts';
import { layerRule } from './layers-index.ts';
import { attributeOf, optionsOf, parseManifest } from './manifest.ts';
import { portOf, readSettings } from './settings.ts';

function parse(text: string): Record<string, string> {
  return Object.fromEntries(parseManifest(Buffer.from(text), 'MANIFEST.MF'));
}

describe('a manifest', () => {
  it.each([
    ['lines that end in any way', 'A: 1\r\nB: 2\nC: 3\rD: 4\n', { a: '1', b: '2', c: '3', d: '4' }],
    ['no line end at its end', 'Main-Class: x.Main', { 'main-class': 'x.Main' }],
    [
      'continued lines',
      'Class-Path: lib/a\r\n .jar li\r\n b/b.jar\r\n',
      { 'class-path': 'lib/a.jar lib/b.jar' },
    ],
    ['spaces that continue', 'Class-Path: a.jar\n  b.jar\n', { 'class-path': 'a.jar b.jar' }],
    ['sections, of which the first counts', 'A: 1\n\nName: x/\nA: 2\n', { a: '1' }],
    ['empty lines before it', '\n\nA: 1\n', { a: '1' }],
    ['a byte order mark', '\ufeffA: 1\n', { a: '1' }],
    ['a colon in a value', 'Url: https://x\n', { url: 'https://x' }],
    ['nothing', '', {}],
  ])('with %s', (_what, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('continues within a character', () => {
    const bytes = Buffer.from('Name: é\n');
    const cut = Buffer.concat([bytes.subarray(0, 7), Buffer.from('\r\n '), bytes.subarray(7)]);
    expect(parseManifest(cut, '').get('name')).toBe('é');
  });

  it('has its names in any case', () => {
    expect(attributeOf(parseManifest(Buffer.from('MAIN-class: A\n'), ''), 'Main-Class')).toBe('A');
  });

  it.each([
    ['no name', 'value\n', 1],
    ['no space', 'A:1\n', 1],
    ['a strange name', 'A: 1\nB B: 2\n', 2],
    ['a continuation of nothing', ' x\n', 1],
  ])('with %s is refused, as Java does', (_what, text, line) => {
    const error = failureOf(() => parse(text));
    expect(error).toMatchObject({ code: 'APP_INVALID' });
    expect(error.message).toContain(`MANIFEST.MF, line ${line}: `);
  });

  it('of lines of at most 72 bytes gives what was written', () => {
    const value = fc.stringMatching(/^[!-~]([ -~]{0,200}[!-~])?$/);
    fc.assert(
      fc.property(value, (text) => {
        const manifest = makeManifest({ 'Class-Path': text });
        expect(manifest.split('\r\n').every((line) => line.length <= 72)).toBe(true);
        expect(parse(manifest)['class-path']).toBe(text);
      }),
    );
  });

  it('says options that only `java -jar` would follow', () => {
    const manifest = {
      'Add-Opens': 'java.base/java.lang java.base/java.util',
      'Enable-Native-Access': 'ALL-UNNAMED',
    };
    expect(optionsOf(parseManifest(Buffer.from(makeManifest(manifest)), ''))).toEqual([
      '--add-opens=java.base/java.lang=ALL-UNNAMED',
      '--add-opens=java.base/java.util=ALL-UNNAMED',
      '--enable-native-access=ALL-UNNAMED',
    ]);
  });
});

describe('a class file', () => {
  it.each([
    [{ java: 8 }, { java: 8, isPreview: false }],
    [{ java: 21 }, { java: 21, isPreview: false }],
    [
      { java: 25, isPreview: true },
      { java: 25, isPreview: true },
    ],
  ])('of %j says its version', (made, expected) => {
    expect(readClassVersion(makeClass(made))).toEqual(expected);
  });

  it.each([
    Buffer.alloc(0),
    Buffer.alloc(100),
    Buffer.from('cafebabe00000010', 'hex'),
    makeClass().subarray(0, 7),
  ])('is not what else there is', (bytes) => {
    expect(readClassVersion(bytes)).toBeUndefined();
    expect(readMainClass(bytes)).toBeUndefined();
  });

  it('says whether it can be started', () => {
    expect(readMainClass(makeClass({ name: 'com/example/App', hasMain: true }))).toBe('com.example.App');
    expect(readMainClass(makeClass({ name: 'com/example/App' }))).toBeUndefined();
  });

  it('may be damaged anywhere', () => {
    const sound = makeClass({ hasMain: true });
    for (let length = 0; length < sound.length - 2; length++)
      expect(readMainClass(sound.subarray(0, length)), String(length)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(sound);
        bytes[at] = value;
        expect(() => readMainClass(bytes)).not.toThrow();
      }),
    );
  });
});

describe('layers of Spring Boot', () => {
  const INDEX = `- "dependencies":\n  - "BOOT-INF/lib/"\n- "company":\n- "application":\n  - "BOOT-INF/classes/"\n  - "BOOT-INF/classpath.idx"\n`;

  it('are those of its index, in its order', () => {
    const { names, layerOf } = layerRule(INDEX, 'layers.idx');
    expect(names).toEqual(['dependencies', 'company', 'application']);
    expect(
      ['BOOT-INF/lib/a.jar', 'BOOT-INF/classpath.idx', 'unknown', 'BOOT-INF/library'].map(layerOf),
    ).toEqual(['dependencies', 'application', 'application', 'application']);
  });

  it('are the usual ones without an index', () => {
    const { layerOf } = layerRule(undefined, '');
    expect(
      [
        'BOOT-INF/lib/a-1.jar',
        'BOOT-INF/lib/b-1-SNAPSHOT.jar',
        'WEB-INF/lib-provided/c.jar',
        'org/springframework/boot/loader/A.class',
        'BOOT-INF/classes/A.class',
      ].map(layerOf),
    ).toEqual(['dependencies', 'snapshot-dependencies', 'dependencies', 'spring-boot-loader', 'application']);
  });

  it.each(['nonsense', '  - "a"\n', '- "a/../b":\n', '- "a":\n- "a":\n', '', '- a:\n'])(
    'are not %j',
    (index) => {
      expect(failureOf(() => layerRule(index, 'layers.idx'))).toMatchObject({ code: 'APP_INVALID' });
    },
  );
});

/** Aliases of aliases: 2^20 texts if they were followed. */
const BOMB = Array.from({ length: 20 }, (_none, at) =>
  at === 0 ? 'a0: &a0 [x]' : `a${at}: &a${at} [*a${at - 1}, *a${at - 1}]`,
).join('\n');

describe('the port of settings', () => {
  const portIn = async (files: Readonly<Record<string, string>>): Promise<number | undefined> =>
    portOf(await readSettings((name) => Promise.resolve(files[name])), 'server.port', 8080);

  it.each<[string, Record<string, string>, number | undefined]>([
    ['nothing', {}, 8080],
    ['a property', { 'application.properties': '# x\nserver.port = 9000\n' }, 9000],
    ['a property of a profile', { 'application.properties': 'a=b\n#---\nserver.port=9000' }, 8080],
    ['a placeholder with a default', { 'application.properties': 'server.port=${PORT:7000}' }, 7000],
    ['a placeholder without one', { 'application.properties': 'server.port=${PORT}' }, undefined],
    ['none', { 'application.properties': 'server.port=-1' }, undefined],
    ['any', { 'application.properties': 'server.port=0' }, undefined],
    ['what is no port', { 'application.properties': 'server.port=99999' }, undefined],
    ['YAML', { 'application.yml': 'server:\n  port: 9001\n' }, 9001],
    ['a key with dots in YAML', { 'application.yaml': 'server.port: 9002\n' }, 9002],
    ['the first document', { 'application.yml': 'server: {port: 1}\n---\nserver: {port: 2}\n' }, 1],
    [
      'properties over YAML',
      { 'application.yml': 'server.port: 1', 'application.properties': 'server.port=2' },
      2,
    ],
    [
      'config/ over all',
      { 'application.properties': 'server.port=1', 'config/application.yml': 'server.port: 3' },
      3,
    ],
    ['damaged YAML', { 'application.yml': 'server: [' }, 8080],
    ['a bomb', { 'application.yml': BOMB }, 8080],
  ])('with %s', async (_what, files, expected) => {
    expect(await portIn(files)).toBe(expected);
  });
});
