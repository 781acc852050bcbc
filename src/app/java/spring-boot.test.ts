import { describe, expect, it } from 'vitest';
import type { PithError } from '../../core/index.ts';
import { rejectionOf } from '../../testing/thrown.ts';
import { makeClass, makeJar, makeManifest } from '../../testing/jar.ts';
import { makeZip, type TestMember } from '../../testing/zip.ts';
import { detect, placesOf } from './fixtures.ts';

const refusal = (...project: Parameters<typeof detect>): Promise<PithError> =>
  rejectionOf(detect(...project));

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('a Spring Boot jar', () => {
  const LAUNCHER = 'org/springframework/boot/loader/launch/JarLauncher.class';
  const LIBRARY = makeJar({}, { 'L.class': makeClass({ java: 21 }) });
  const INDEX =
    '- "dependencies":\n  - "BOOT-INF/lib/"\n- "spring-boot-loader":\n  - "org/"\n- "snapshot-dependencies":\n- "application":\n  - "BOOT-INF/classes/"\n  - "META-INF/"\n';
  const boot = (
    members: readonly TestMember[] = [],
    attributes: Readonly<Record<string, string>> = { 'Spring-Boot-Layers-Index': 'BOOT-INF/layers.idx' },
  ): Buffer =>
    makeZip([
      {
        name: 'META-INF/MANIFEST.MF',
        content: makeManifest({
          'Main-Class': 'org.springframework.boot.loader.launch.JarLauncher',
          'Start-Class': 'com.example.App',
          'Spring-Boot-Version': '3.5.0',
          ...attributes,
        }),
      },
      { name: 'BOOT-INF/' },
      { name: LAUNCHER, content: makeClass() },
      { name: 'BOOT-INF/classes/com/example/App.class', content: makeClass() },
      { name: 'BOOT-INF/lib/a-1.jar', content: LIBRARY, isStored: true },
      { name: 'BOOT-INF/lib/b-1-SNAPSHOT.jar', content: LIBRARY, isStored: true },
      { name: 'BOOT-INF/layers.idx', content: INDEX },
      ...members,
    ]);

  it('is laid out in the layers of its index, and started by its launcher', async () => {
    const app = await detect({ 'target/demo.jar': boot() });
    expect(placesOf(app)).toEqual([
      'dependencies: /app/BOOT-INF/lib/a-1.jar',
      'dependencies: /app/BOOT-INF/lib/b-1-SNAPSHOT.jar',
      `spring-boot-loader: /app/${LAUNCHER}`,
      'application: /app/BOOT-INF/classes/com/example/App.class',
      'application: /app/BOOT-INF/layers.idx',
      'application: /app/META-INF/MANIFEST.MF',
    ]);
    expect(app.layers[0]?.files.get('/app/BOOT-INF/lib/a-1.jar')).toEqual({
      path: 'target/demo.jar',
      member: 'BOOT-INF/lib/a-1.jar',
    });
    expect(app).toMatchObject({
      title: 'Spring Boot application (3.5.0)',
      config: {
        entrypoint: ['/usr/bin/java', '-cp', '/app', 'org.springframework.boot.loader.launch.JarLauncher'],
        workdir: '/app',
        ports: [],
        writable: [],
      },
    });
    expect(app.needs.runtime?.wanted).toBe('>=21 (class file version of a-1.jar: L.class)');
  });

  it('without an index has its snapshots in a layer, too', async () => {
    const app = await detect({ 'demo.jar': boot([], {}) });
    expect(app.layers.map(({ name, files }) => [name, files.size])).toEqual([
      ['dependencies', 1],
      ['spring-boot-loader', 1],
      ['snapshot-dependencies', 1],
      ['application', 3],
    ]);
  });

  it('with a server listens on the ports of its settings', async () => {
    const server = { name: 'BOOT-INF/lib/tomcat-embed-core-10.1.41.jar', content: LIBRARY, isStored: true };
    const settings = {
      name: 'BOOT-INF/classes/application.properties',
      content: 'server.port=8081\nmanagement.server.port=9001',
    };
    expect((await detect({ 'a.jar': boot([server]) })).config).toMatchObject({
      ports: ['8080/tcp'],
      writable: ['/tmp'],
    });
    expect((await detect({ 'a.jar': boot([server, settings]) })).config.ports).toEqual([
      '8081/tcp',
      '9001/tcp',
    ]);
  });

  it('is started with the options that its manifest asks for', async () => {
    const { config } = await detect({ 'a.jar': boot([], { 'Add-Opens': 'java.base/java.lang' }) });
    expect(config.entrypoint.slice(1, 3)).toEqual(['--add-opens=java.base/java.lang=ALL-UNNAMED', '-cp']);
  });

  it('may have a library that cannot be looked at', async () => {
    const broken = { name: 'BOOT-INF/lib/c.jar', content: 'not a jar', isStored: true };
    expect((await detect({ 'a.jar': boot([broken]) })).notes).toEqual([
      'a.jar: BOOT-INF/lib/c.jar is no zip archive: its end record is missing; Java will not find what is in it',
    ]);
  });

  it('may be a war, with a start script before it', async () => {
    const launcher = 'org.springframework.boot.loader.launch.WarLauncher';
    const war = makeZip(
      [
        { name: 'META-INF/MANIFEST.MF', content: makeManifest({ 'Main-Class': launcher }) },
        { name: `${launcher.replaceAll('.', '/')}.class`, content: makeClass() },
        { name: 'WEB-INF/lib-provided/tomcat-embed-core-1.jar', content: LIBRARY },
        { name: 'WEB-INF/classes/A.class', content: makeClass() },
        { name: 'WEB-INF/classes/application.properties', content: 'server.port=1234' },
      ],
      { prefix: Buffer.from('#!/bin/bash\n') },
    );
    const app = await detect({ 'a.war': war });
    expect(app.config.ports).toEqual(['1234/tcp']);
    expect(placesOf(app)[0]).toBe('dependencies: /app/WEB-INF/lib-provided/tomcat-embed-core-1.jar');
  });

  it.each<[string, Buffer, RegExp]>([
    [
      'has no launcher',
      makeZip({
        'META-INF/MANIFEST.MF': makeManifest({ 'Main-Class': 'org.springframework.boot.loader.JarLauncher' }),
      }),
      /does not hold its launcher/,
    ],
    [
      'has a file in the place of a folder',
      boot([{ name: 'BOOT-INF/lib/a-1.jar/x', content: '' }]),
      /a-1\.jar is a file, and the folder of/,
    ],
    [
      'has a member that leads out',
      boot([{ name: '../../etc/passwd', content: '' }]),
      /no name that a member may have/,
    ],
    [
      'has two different classes of one name',
      boot([
        { name: LAUNCHER, content: 'other' },
        { name: 'BOOT-INF/classes/com/example/App.class', content: makeClass({ java: 8 }) },
      ]),
      /several times, and not the same/,
    ],
    ['has a damaged index', boot([], { 'Spring-Boot-Layers-Index': LAUNCHER }), /no line of a layers index/],
  ])('that %s is refused', async (_what, content, message) => {
    expect(await refusal({ 'a.jar': content })).toMatchObject({
      code: 'APP_INVALID',
      message: matching(message),
    });
  });
});
