import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed } from '../../testing/commands.ts';
import { describeWith } from '../../testing/tools.ts';
import { openZip } from '../../archive/index.ts';
import { detect } from './fixtures.ts';

const SOURCE = `package com.example;
public class App {
  interface Greeter { long MANY = 1L << 40; double HALF = 0.5; String greet(String name); }
  public static void main(String[] names) {
    Greeter greeter = (name) -> "hello " + name;
    System.out.println(greeter.greet(names.length > 0 ? names[0] : "nobody"));
  }
}
`;
const LONG = `lib/${'a-rather-long-name-'.repeat(6)}1.0.jar`;

describeWith('what the JDK makes', { tools: ['java', 'javac', 'jar'] }, () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  const read = (name: string): Buffer => readFileSync(path(name));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pith-java-'));
    mkdirSync(path('classes'));
    mkdirSync(path('lib'));
    writeFileSync(path('App.java'), SOURCE);
    writeFileSync(path('manifest'), `Main-Class: com.example.App\nClass-Path: ${LONG} lib/b.jar\n`);
    await succeed('javac', ['--release', '11', '-d', path('classes'), path('App.java')]);
    for (const name of [LONG, 'lib/b.jar'])
      await succeed('jar', ['--create', '--file', path(name), '-C', folder, 'App.java']);
    for (const [name, flags] of [
      ['app.jar', []],
      ['stored.jar', ['--no-compress']],
    ] as const) {
      const made = ['--create', ...flags, '--file', path(name), '--manifest', path('manifest')];
      await succeed('jar', [...made, '-C', path('classes'), '.']);
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(['app.jar', 'stored.jar'])('%s is read, member by member', async (name) => {
    const bytes = read(name);
    const ranges = ({ start, length }: { start: number; length: number }): Promise<Uint8Array> =>
      Promise.resolve(bytes.subarray(start, start + length));
    const zip = await openZip(ranges, bytes.length, name);
    const listed = await succeed('jar', ['--list', '--file', path(name)]);
    expect([...zip.members.keys()]).toEqual(listed.trimEnd().split('\n'));
    for (const file of readdirSync(path('classes'), { recursive: true, encoding: 'utf8' }))
      if (statSync(path(`classes/${file}`)).isFile())
        expect(Buffer.from(await zip.read(file)).equals(read(`classes/${file}`)), file).toBe(true);
  });

  it('a jar is found with its class path and version', async () => {
    const app = await detect({
      'app.jar': read('app.jar'),
      [LONG]: read(LONG),
      'lib/b.jar': read('lib/b.jar'),
    });
    expect(app.layers.map(({ files }) => [...files.keys()])).toEqual([
      [`/app/${LONG}`, '/app/lib/b.jar'],
      ['/app/app.jar'],
    ]);
    expect(['8', '11', '17'].map((version) => app.needs.runtime?.accepts(version))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('a folder of classes is started as it is found', async () => {
    const classes = readdirSync(path('classes'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.class'))
      .map((file): [string, Buffer] => [`classes/${file}`, read(`classes/${file}`)]);
    expect(classes).toHaveLength(2);
    const app = await detect({ ...Object.fromEntries(classes), 'lib/b.jar': read('lib/b.jar') });
    const [, ...command] = app.config.entrypoint.map((word) => word.replaceAll('/app/', `${folder}/`));
    expect(await succeed('java', [...command, 'pith'])).toBe('hello pith\n');
  });

  it('a jar with a script before it starts, and is found', async () => {
    const script = Buffer.concat([Buffer.from('#!/bin/sh\nexec java -jar "$0" "$@"\n'), read('app.jar')]);
    writeFileSync(path('script.jar'), script, { mode: 0o755 });
    expect(await succeed('java', ['-jar', path('script.jar')])).toBe('hello nobody\n');
    expect((await detect({ 'script.jar': script })).config.entrypoint.at(-1)).toBe('/app/script.jar');
  });
});
