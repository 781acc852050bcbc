import { describe, expect, it } from 'vitest';
import { makeClass, makeManifest, type TestClass } from '../testing/class-file.ts';
import { makeElf } from '../testing/elf.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { makeZip, type TestMember } from '../testing/zip.ts';
import { type Content, makeProject } from './fixtures.ts';
import { detectJava } from './java.ts';
import type { Application, AppRequest } from './model.ts';

type Members = Readonly<Record<string, string | Uint8Array>>;

function jar(attributes: Readonly<Record<string, string>>, members: Members = {}): Buffer {
  return makeZip({ 'META-INF/MANIFEST.MF': makeManifest(attributes), ...members });
}

const MAIN_FILE = 'com/example/App.class';
function runnable(
  attributes: Readonly<Record<string, string>> = {},
  members: Members = {},
  main: TestClass = {},
): Buffer {
  return jar(
    { 'Main-Class': 'com.example.App', ...attributes },
    { [MAIN_FILE]: makeClass({ name: 'com/example/App', ...main }), ...members },
  );
}

async function detect(
  files: Readonly<Record<string, Content>>,
  request: AppRequest = {},
): Promise<Application> {
  const found = await detectJava(makeProject(files), request);
  if (!found) throw new Error('nothing was found');
  return found;
}

async function refusal(files: Readonly<Record<string, Content>>, request: AppRequest = {}): Promise<unknown> {
  return rejectionOf(detectJava(makeProject(files), request));
}

/** `layer: path in the image` of each file. */
function placesOf({ layers }: Application): string[] {
  return layers.flatMap(({ name, files }) => [...files.keys()].map((path) => `${name}: ${path}`));
}

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('a runnable jar', () => {
  it('is packed whole, and started by -jar', async () => {
    const app = await detect({
      'app.jar': runnable({ 'Implementation-Title': 'App', 'Implementation-Version': '1.2' }),
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
    const project = { ...makeProject({ 'app.jar': runnable() }), single: 'app.jar' };
    expect(await detectJava(project, {})).toMatchObject({ title: 'Java application (jar)' });
  });

  it('has its class path beside it, and that of what is there', async () => {
    const app = await detect({
      'target/app.jar': runnable({
        'Class-Path': 'lib/a.jar lib/b%20c.jar lib/x-1-SNAPSHOT.jar conf/ . gone.jar',
      }),
      'target/lib/a.jar': jar({ 'Class-Path': 'deep.jar not-there.jar a.jar' }, { 'A.class': makeClass() }),
      'target/lib/deep.jar': jar({}),
      'target/lib/b c.jar': jar({}),
      'target/lib/x-1-SNAPSHOT.jar': jar({}),
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
    expect(app.notes).toEqual(['target/app.jar: its class path names what is not there: gone.jar']);
  });

  it('may have its class path above it', async () => {
    const app = await detect(
      {
        'bin/app.jar': runnable({ 'Class-Path': '../lib/a.jar ../../out.jar file:///etc/x.jar %zz' }),
        'lib/a.jar': jar({}),
      },
      { main: 'bin/app.jar' },
    );
    expect(placesOf(app)).toEqual(['dependencies: /app/lib/a.jar', 'application: /app/bin/app.jar']);
    expect(app.config.entrypoint).toEqual(['/usr/bin/java', '-jar', '/app/bin/app.jar']);
    expect(app.notes).toEqual([matching(/\.\.\/\.\.\/out\.jar, file:\/\/\/etc\/x\.jar, %zz$/)]);
  });

  it('may have its main class in its class path', async () => {
    const main = { 'Main-Class': 'com.example.App', 'Class-Path': 'lib.jar classes/' };
    const file = makeClass({ name: 'com/example/App' });
    await detect({ 'app.jar': jar(main), 'lib.jar': jar({}, { [MAIN_FILE]: file }) });
    await detect({ 'app.jar': jar(main), [`classes/${MAIN_FILE}`]: file });
    expect(await refusal({ 'app.jar': jar(main) })).toMatchObject({
      code: 'APP_INVALID',
      message:
        'app.jar: its main class com.example.App is not in it, and of its class path lib.jar, classes/ is not there',
    });
  });

  it('of Micronaut listens where its settings say', async () => {
    const server = { 'io/micronaut/http/server/HttpServerConfiguration.class': makeClass() };
    expect((await detect({ 'app.jar': runnable({}, server) })).config).toMatchObject({
      ports: ['8080/tcp'],
      writable: ['/tmp'],
    });
    const settings = { ...server, 'application.yml': 'micronaut:\n  server:\n    port: 9090\n' };
    expect((await detect({ 'app.jar': runnable({}, settings) })).config.ports).toEqual(['9090/tcp']);
  });

  it('takes version and name from Maven, if they are of one project', async () => {
    const pom = (name: string): Members => ({
      [`META-INF/maven/g/${name}/pom.properties`]: `artifactId=${name}\nversion=3`,
    });
    const labels = async (members: Members): Promise<unknown> =>
      (await detect({ 'app.jar': runnable({}, members) })).config.labels;
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
    ['its main class', runnable({}, {}, { java: 21 }), ['21', '25']],
    ['the newest class beside that', runnable({}, member('com/example/B.class', { java: 25 })), ['25']],
    [
      'the oldest of another package',
      runnable({}, { ...member('org/A.class', { java: 25 }), ...member('org/B.class', { java: 11 }) }),
      ['17', '21', '25'],
    ],
    [
      'another package, if it is new throughout',
      runnable({}, member('org/A.class', { java: 21 })),
      ['21', '25'],
    ],
    [
      'no class for other versions',
      runnable({}, member('META-INF/versions/25/com/example/App.class', { java: 25 })),
      ['17', '21', '25'],
    ],
    [
      'no description of a module',
      runnable({}, member('com/example/module-info.class', { java: 25 })),
      ['17', '21', '25'],
    ],
    ['preview features', runnable({}, {}, { java: 21, isPreview: true }), ['21']],
    [
      'the JDK that built it: no',
      runnable({ 'Build-Jdk-Spec': '25' }, {}, { java: 8 }),
      ['11', '17', '21', '25'],
    ],
  ])('is told by %s', async (_what, content, versions) => {
    expect(await accepted(content)).toEqual(versions);
  });

  it('is told by libraries, too', async () => {
    const lib = jar({}, member('L.class', { java: 25 }));
    const { needs } = await detect({ 'app.jar': runnable({ 'Class-Path': 'lib.jar' }), 'lib.jar': lib });
    expect(needs.runtime?.wanted).toBe('>=25 (class file version of lib.jar: L.class)');
  });

  it('is said with its reason', async () => {
    const app = await detect({ 'app.jar': runnable({ 'Build-Jdk-Spec': '21' }) });
    expect(app.needs.runtime?.wanted).toBe(`>=17 (class file version of app.jar: ${MAIN_FILE})`);
    expect(app.evidence).toContain('app.jar: built with JDK 21');
  });

  it('is told that preview features are wanted', async () => {
    const app = await detect({ 'app.jar': runnable({}, {}, { java: 21, isPreview: true }) });
    expect(app.config.entrypoint).toEqual(['/usr/bin/java', '--enable-preview', '-jar', '/app/app.jar']);
  });
});

describe('native libraries in jars', () => {
  it('are said with their platforms', async () => {
    const app = await detect({
      'app.jar': runnable(
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

describe('a Spring Boot jar', () => {
  const LAUNCHER = 'org/springframework/boot/loader/launch/JarLauncher.class';
  const LIBRARY = jar({}, { 'L.class': makeClass({ java: 21 }) });
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

describe('a Quarkus fast-jar', () => {
  const files = {
    'quarkus-run.jar': jar({ 'Main-Class': 'io.quarkus.bootstrap.runner.QuarkusEntryPoint' }),
    'quarkus/quarkus-application.dat': 'x',
    'quarkus/generated-bytecode.jar': jar({}),
    'app/demo.jar': jar(
      { 'Implementation-Title': 'demo' },
      { 'A.class': makeClass({ java: 21 }), 'application.properties': 'quarkus.http.port=8090' },
    ),
    'lib/main/vertx.jar': jar({}, { 'io/quarkus/vertx/http/runtime/VertxHttpRecorder.class': makeClass() }),
    'quarkus-app-dependencies.txt': '',
  };

  it.each(['', 'target/quarkus-app/', 'build/quarkus-app/'])(
    'in "%s" has its libraries apart',
    async (folder) => {
      const app = await detect(
        Object.fromEntries(Object.entries(files).map(([path, content]) => [folder + path, content])),
      );
      expect(placesOf(app)).toEqual([
        'dependencies: /app/lib/main/vertx.jar',
        'application: /app/app/demo.jar',
        'application: /app/quarkus-run.jar',
        'application: /app/quarkus/generated-bytecode.jar',
        'application: /app/quarkus/quarkus-application.dat',
      ]);
      expect(app).toMatchObject({
        title: 'Quarkus application (fast-jar)',
        config: { entrypoint: ['/usr/bin/java', '-jar', '/app/quarkus-run.jar'], ports: ['8090/tcp'] },
      });
      expect(app.needs.runtime?.accepts('17')).toBe(false);
    },
  );
});

describe('what Gradle installed', () => {
  const script = (more = 'DEFAULT_JVM_OPTS=\'"-Xmx64m" "-Dconf=$APP_HOME/conf"\''): string => `#!/bin/sh
${more}
CLASSPATH=$APP_HOME/lib/demo.jar:$APP_HOME/lib/dep-1.jar
set -- \\
        -classpath "$CLASSPATH" \\
        com.example.App \\
        "$@"
`;
  const installed = (text = script()): Record<string, Content> => ({
    'build.gradle': '',
    'build/install/demo/bin/demo': text,
    'build/install/demo/bin/demo.bat': '',
    'build/install/demo/lib/demo.jar': runnable(),
    'build/install/demo/lib/dep-1.jar': jar({}),
    'build/install/demo/conf/a.txt': '',
    'build/libs/demo.jar': runnable(),
  });

  it('is started as its script does it', async () => {
    const app = await detect(installed());
    expect(app.config.entrypoint).toEqual([
      '/usr/bin/java',
      '-Xmx64m',
      '-Dconf=/app/conf',
      '-cp',
      '/app/lib/demo.jar:/app/lib/dep-1.jar',
      'com.example.App',
    ]);
    expect(placesOf(app)).toEqual([
      'dependencies: /app/lib/dep-1.jar',
      'resources: /app/conf/a.txt',
      'application: /app/lib/demo.jar',
    ]);
  });

  it('may be the folder itself', async () => {
    const files = Object.entries(installed()).filter(([path]) => path.startsWith('build/install'));
    const app = await detect(Object.fromEntries(files.map(([path, content]) => [path.slice(19), content])));
    expect(app.layers).toHaveLength(3);
  });

  it('leaves out options that need a shell', async () => {
    const app = await detect(installed(script('DEFAULT_JVM_OPTS=\'"-Dx=$(id)"\'')));
    expect(app.config.entrypoint[1]).toBe('-cp');
    expect(app.notes).toEqual([matching(/need a shell/)]);
  });

  it.each<[string, Record<string, Content>, RegExp]>([
    ['says nothing', installed('#!/bin/sh\n'), /does not say class path and main class/],
    [
      'starts an option',
      installed(script().replace('com.example.App', '-javaagent:x')),
      /does not say class path/,
    ],
    [
      'names a jar that is not there',
      installed(script().replace('dep-1', 'dep-2')),
      /lib\/dep-2\.jar of its class path is not there/,
    ],
  ])('is refused if its script %s', async (_what, files, message) => {
    expect(await refusal(files)).toMatchObject({ code: 'APP_INVALID', message: matching(message) });
  });

  it('several times asks which', async () => {
    const two = {
      ...installed(),
      'build/install/demo/bin/other': script().replace('com.example.App', 'B'),
      'build/install/demo/bin/other.bat': '',
    };
    expect(await refusal(two)).toMatchObject({
      message: matching(/bin\/demo, .*bin\/other/),
      hint: matching(/--main/),
    });
    const app = await detect(two, { main: 'build/install/demo/bin/other' });
    expect(app.config.entrypoint.at(-1)).toBe('B');
  });
});

describe('a folder of classes', () => {
  const files = {
    'pom.xml': '',
    [`target/classes/${MAIN_FILE}`]: makeClass({ name: 'com/example/App', hasMain: true, java: 21 }),
    'target/classes/com/example/B.class': makeClass({ name: 'com/example/B' }),
    'target/classes/log.xml': '',
    'target/dependency/b.jar': jar({}),
    'target/dependency/a.jar': jar({}),
  };

  it('is started by its class with a main method, its jars in a fixed order', async () => {
    const app = await detect(files);
    expect(app.config.entrypoint).toEqual([
      '/usr/bin/java',
      '-cp',
      '/app/classes:/app/lib/a.jar:/app/lib/b.jar',
      'com.example.App',
    ]);
    expect(placesOf(app)).toEqual([
      'dependencies: /app/lib/a.jar',
      'dependencies: /app/lib/b.jar',
      'resources: /app/classes/log.xml',
      `application: /app/classes/${MAIN_FILE}`,
      'application: /app/classes/com/example/B.class',
    ]);
    expect(app.needs.runtime?.accepts('17')).toBe(false);
  });

  it('with several such classes asks which', async () => {
    const two = { ...files, 'target/classes/C.class': makeClass({ name: 'C', hasMain: true }) };
    expect(await refusal(two)).toMatchObject({
      code: 'APP_INVALID',
      message: matching(/C, com\.example\.App/),
      hint: matching(/--main/),
    });
    expect((await detect(two, { main: 'target/classes/C.class' })).config.entrypoint.at(-1)).toBe('C');
  });

  it('without one is refused', async () => {
    expect(await refusal({ ...files, [`target/classes/${MAIN_FILE}`]: makeClass() })).toMatchObject({
      code: 'APP_INVALID',
    });
  });
});

describe('a runtime image of jlink', () => {
  const launcher =
    '#!/bin/sh\nJLINK_VM_OPTIONS=\nDIR=`dirname $0`\n$DIR/java $JLINK_VM_OPTIONS -m demo/com.example.App "$@"\n';
  const files: Record<string, Content> = {
    release: 'JAVA_VERSION="21"\n',
    'lib/modules': 'x',
    'lib/server/libjvm.so': makeElf(),
    'lib/security/cacerts': 'x',
    'bin/java': { program: makeElf({ type: 2 }) },
    'bin/demo': { program: launcher },
  };

  it('brings its own Java', async () => {
    const app = await detect(files);
    expect(app).toMatchObject({
      title: 'Java application with its own runtime (jlink)',
      config: { entrypoint: ['/app/bin/java', '-m', 'demo/com.example.App'] },
      needs: { binaries: ['bin/java', 'lib/server/libjvm.so'] },
      notes: [],
    });
    expect(app.needs.runtime).toBeUndefined();
    expect(placesOf(app).at(-1)).toBe('application: /app/lib/modules');
  });

  it('may lie in target', async () => {
    const below = Object.fromEntries(
      Object.entries(files).map(([path, content]) => [`target/image/${path}`, content]),
    );
    expect((await detect(below)).config.entrypoint[0]).toBe('/app/bin/java');
  });

  it('has to say what it runs', async () => {
    const { 'bin/demo': _gone, ...rest } = files;
    expect(await refusal(rest)).toMatchObject({ code: 'APP_INVALID', hint: matching(/jlink --launcher/) });
  });

  it('says that it has no certificates', async () => {
    const { 'lib/security/cacerts': _gone, ...rest } = files;
    expect((await detect(rest)).notes).toEqual([matching(/no keystore/)]);
  });
});

describe('which jar runs', () => {
  it.each<[string, Record<string, Content>, string]>([
    ['the built one', { 'pom.xml': '', 'target/a-1.jar': runnable() }, 'a-1.jar'],
    [
      'not its sources',
      { 'target/a.jar': runnable(), 'target/a-sources.jar': runnable(), 'target/original-a.jar': runnable() },
      'a.jar',
    ],
    ['not the plain one', { 'build/libs/a.jar': runnable(), 'build/libs/a-plain.jar': runnable() }, 'a.jar'],
    [
      'that with its libraries',
      { 'target/a.jar': runnable(), 'target/a-jar-with-dependencies.jar': runnable() },
      'a-jar-with-dependencies.jar',
    ],
    [
      'that of the shadow plugin',
      { 'build/libs/a.jar': runnable(), 'build/libs/a-all.jar': runnable() },
      'a-all.jar',
    ],
    ['the only one with a main class', { 'a.jar': runnable(), 'b.jar': jar({}) }, 'a.jar'],
    ['that of a module', { 'pom.xml': '', 'web/target/web.jar': runnable() }, 'web.jar'],
  ])('%s', async (_what, files, name) => {
    expect((await detect(files)).config.entrypoint.at(-1)).toBe(`/app/${name}`);
  });

  it('is asked where several could', async () => {
    const files = { 'target/a.jar': runnable(), 'target/b.jar': runnable() };
    expect(await refusal(files)).toMatchObject({
      code: 'APP_INVALID',
      message: 'several jars have a main class: target/a.jar, target/b.jar',
      hint: 'Name the one that runs with `--main`, such as `--main target/a.jar`.',
    });
    expect((await detect(files, { main: 'target/b.jar' })).config.entrypoint.at(-1)).toBe('/app/b.jar');
  });

  it.each<[string, Record<string, Content>, AppRequest, RegExp]>([
    ['Maven project', { 'pom.xml': '' }, {}, /`mvn package`/],
    ['Gradle project', { 'build.gradle.kts': '' }, {}, /\.\/gradlew bootJar/],
    ['project of a library', { 'pom.xml': '', 'target/lib.jar': jar({}) }, {}, /spring-boot:repackage/],
    ['jar without a main class', { 'lib.jar': jar({}) }, { kind: 'java' }, /spring-boot:repackage/],
    ['war for a container', { 'a.war': jar({}, { 'WEB-INF/web.xml': '' }) }, {}, /embedded server/],
    [
      'jar that is asked for and not there',
      { 'a.jar': runnable() },
      { main: 'b.jar' },
      /relative to the folder/,
    ],
    ['jar that is none', { 'a.jar': 'text' }, {}, /build or fetch it anew/],
    [
      'jar with a damaged manifest',
      { 'a.jar': makeZip({ 'META-INF/MANIFEST.MF': 'x' }) },
      {},
      /Build the jar anew/,
    ],
    ['jar without its main class', { 'a.jar': jar({ 'Main-Class': 'A' }) }, {}, /Build it anew/],
  ])('is none: %s', async (_what, files, request, hint) => {
    expect(await refusal(files, request)).toMatchObject({ code: 'APP_INVALID', hint: matching(hint) });
  });

  it.each<[string, Record<string, Content>, AppRequest]>([
    ['another kind is wanted', { 'a.jar': runnable() }, { kind: 'nodejs' }],
    ['a file of another kind is', { 'a.jar': runnable(), 'server.js': '' }, { main: 'server.js' }],
    ['there is nothing of Java', { 'server.js': '' }, {}],
    ['there are libraries only, and no build file', { 'lib.jar': jar({}) }, {}],
    ['jars lie in node_modules', { 'node_modules/x/target/a.jar': runnable() }, {}],
  ])('is not asked where %s', async (_what, files, request) => {
    expect(await detectJava(makeProject(files), request)).toBeUndefined();
  });
});
