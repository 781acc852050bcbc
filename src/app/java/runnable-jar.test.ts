import { describe, expect, it } from 'vitest';
import type { PithError } from '../../core/index.ts';
import { rejectionOf } from '../../testing/thrown.ts';
import { makeClass, makeJar, makeRunnable, MAIN_FILE, type TestClass } from '../../testing/jar.ts';
import { makeElf } from '../../testing/elf.ts';
import { makeProject } from '../fixtures.ts';
import { detectJava } from '../java.ts';
import { detect, placesOf } from './fixtures.ts';

type Members = Readonly<Record<string, string | Uint8Array>>;

const refusal = (...project: Parameters<typeof detect>): Promise<PithError> =>
  rejectionOf(detect(...project));

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('a runnable jar', () => {
  it('is packed whole, and started by -jar', async () => {
    const app = await detect({
      'app.jar': makeRunnable({ 'Implementation-Title': 'App', 'Implementation-Version': '1.2' }),
    });
    expect(placesOf(app)).toEqual(['application: /app/app.jar']);
    expect(app).toMatchObject({
      kind: 'java',
      config: {
        entrypoint: ['/usr/bin/java', '-jar', '/app/app.jar'],
        workdir: '/app',
        env: {},
        ports: [],
        labels: { 'org.opencontainers.image.title': 'App', 'org.opencontainers.image.version': '1.2' },
        writable: [],
      },
      needs: { binaries: [], certificates: false },
      notes: [],
    });
  });

  it('may be the only file, and be called by its path', async () => {
    const project = { ...makeProject({ 'app.jar': makeRunnable() }), single: 'app.jar' };
    expect(await detectJava(project, {})).toMatchObject({ title: 'Java application (jar)' });
    const needy = makeProject({ 'app.jar': makeRunnable({ 'Class-Path': 'a.jar' }) });
    expect((await detectJava({ ...needy, single: 'app.jar' }, {}))?.notes).toEqual([
      matching(/not there \(a\.jar\): pack the folder that holds them, with `--main app\.jar`$/),
    ]);
  });

  it('has its class path beside it, and that of what is there', async () => {
    const app = await detect({
      'target/app.jar': makeRunnable({
        'Class-Path': 'lib/a.jar lib/b%20c.jar lib/x-1-SNAPSHOT.jar conf/ . gone.jar',
      }),
      'target/lib/a.jar': makeJar(
        { 'Class-Path': 'deep.jar not-there.jar a.jar' },
        { 'A.class': makeClass() },
      ),
      'target/lib/deep.jar': makeJar({}),
      'target/lib/b c.jar': makeJar({}),
      'target/lib/x-1-SNAPSHOT.jar': makeJar({}),
      'target/conf/log.xml': '<log/>',
      'target/other.txt': '',
    });
    expect(placesOf(app)).toEqual([
      'dependencies: /app/lib/a.jar',
      'dependencies: /app/lib/b c.jar',
      'dependencies: /app/lib/deep.jar',
      'snapshot-dependencies: /app/lib/x-1-SNAPSHOT.jar',
      'resources: /app/conf/log.xml',
      'application: /app/app.jar',
    ]);
    expect(app.notes).toEqual(['target/app.jar: its class path names what is not there (gone.jar)']);
  });

  it('may have its class path above it', async () => {
    const app = await detect(
      {
        'bin/app.jar': makeRunnable({ 'Class-Path': '../lib/a.jar ../../out.jar file:///etc/x.jar %zz' }),
        'lib/a.jar': makeJar({}),
      },
      { main: 'bin/app.jar' },
    );
    expect(placesOf(app)).toEqual(['dependencies: /app/lib/a.jar', 'application: /app/bin/app.jar']);
    expect(app.config.entrypoint).toEqual(['/usr/bin/java', '-jar', '/app/bin/app.jar']);
    expect(app.notes).toEqual([matching(/\.\.\/\.\.\/out\.jar, file:\/\/\/etc\/x\.jar, %zz\)$/)]);
  });

  it('may have its main class in its class path', async () => {
    const main = { 'Main-Class': 'com.example.App', 'Class-Path': 'lib.jar classes/' };
    const file = makeClass({ name: 'com/example/App' });
    await detect({ 'app.jar': makeJar(main), 'lib.jar': makeJar({}, { [MAIN_FILE]: file }) });
    await detect({ 'app.jar': makeJar(main), [`classes/${MAIN_FILE}`]: file });
    expect(await refusal({ 'app.jar': makeJar(main) })).toMatchObject({
      code: 'APP_INVALID',
      message:
        'app.jar: its main class com.example.App is not in it, and of its class path lib.jar, classes/ is not there',
    });
  });

  it('of Micronaut listens where its settings say', async () => {
    const server = { 'io/micronaut/http/server/HttpServerConfiguration.class': makeClass() };
    expect((await detect({ 'app.jar': makeRunnable({}, server) })).config).toMatchObject({
      ports: ['8080/tcp'],
      writable: ['/tmp'],
    });
    const settings = { ...server, 'application.yml': 'micronaut:\n  server:\n    port: 9090\n' };
    expect((await detect({ 'app.jar': makeRunnable({}, settings) })).config.ports).toEqual(['9090/tcp']);
  });

  it('takes version and name from Maven, if they are of one project', async () => {
    const pom = (name: string): Members => ({
      [`META-INF/maven/g/${name}/pom.properties`]: `artifactId=${name}\nversion=3`,
    });
    const labels = async (members: Members): Promise<unknown> =>
      (await detect({ 'app.jar': makeRunnable({}, members) })).config.labels;
    expect(await labels(pom('one'))).toEqual({
      'org.opencontainers.image.title': 'one',
      'org.opencontainers.image.version': '3',
    });
    expect(await labels({ ...pom('one'), ...pom('two') })).toEqual({});
  });
});

describe('the Java that it needs', () => {
  const accepted = async (content: Buffer): Promise<string[]> => {
    const { runtime } = (await detect({ 'app.jar': content })).needs;
    return ['11', '17', '21', '25'].filter((version) => runtime?.accepts(version));
  };
  const member = (name: string, made: TestClass): Members => ({ [name]: makeClass(made) });

  it.each<[string, Buffer, string[]]>([
    ['its main class', makeRunnable({}, {}, { java: 21 }), ['21', '25']],
    ['the newest class beside that', makeRunnable({}, member('com/example/B.class', { java: 25 })), ['25']],
    [
      'the oldest of another package',
      makeRunnable({}, { ...member('org/A.class', { java: 25 }), ...member('org/B.class', { java: 11 }) }),
      ['17', '21', '25'],
    ],
    [
      'another package, if it is new throughout',
      makeRunnable({}, member('org/A.class', { java: 21 })),
      ['21', '25'],
    ],
    [
      'no class for other versions',
      makeRunnable({}, member('META-INF/versions/25/com/example/App.class', { java: 25 })),
      ['17', '21', '25'],
    ],
    [
      'no description of a module',
      makeRunnable({}, member('com/example/module-info.class', { java: 25 })),
      ['17', '21', '25'],
    ],
    ['preview features', makeRunnable({}, {}, { java: 21, isPreview: true }), ['21']],
    [
      'the JDK that built it: no',
      makeRunnable({ 'Build-Jdk-Spec': '25' }, {}, { java: 8 }),
      ['11', '17', '21', '25'],
    ],
  ])('is told by %s', async (_what, content, versions) => {
    expect(await accepted(content)).toEqual(versions);
  });

  it('is told by libraries, too', async () => {
    const lib = makeJar({}, member('L.class', { java: 25 }));
    const { needs } = await detect({ 'app.jar': makeRunnable({ 'Class-Path': 'lib.jar' }), 'lib.jar': lib });
    expect(needs.runtime?.wanted).toBe('>=25 (class file version of lib.jar: L.class)');
  });

  it('is said with its reason', async () => {
    const app = await detect({ 'app.jar': makeRunnable({ 'Build-Jdk-Spec': '21' }) });
    expect(app.needs.runtime?.wanted).toBe(`>=17 (class file version of app.jar: ${MAIN_FILE})`);
    expect(app.evidence).toContain('app.jar: built with JDK 21');
  });

  it('is told that preview features are wanted', async () => {
    const app = await detect({ 'app.jar': makeRunnable({}, {}, { java: 21, isPreview: true }) });
    expect(app.config.entrypoint).toEqual(['/usr/bin/java', '--enable-preview', '-jar', '/app/app.jar']);
  });
});

describe('native libraries in jars', () => {
  it('are said with their platforms', async () => {
    const app = await detect({
      'app.jar': makeRunnable(
        {},
        {
          'native/Linux/x86_64/libx.so': makeElf({ machine: 62 }),
          'native/Linux/aarch64/libx.so.1': makeElf({ machine: 183 }),
          'native/Linux-Musl/riscv64/libx.so': makeElf({ machine: 243 }),
          'native/Windows/x.dll': 'MZ',
          'native/broken.so': 'text',
        },
      ),
    });
    expect(app.notes).toEqual([
      matching(/^app\.jar has native libraries for linux\/amd64, linux\/arm64 only;/),
    ]);
    expect(app.config.writable).toEqual(['/tmp']);
  });
});
