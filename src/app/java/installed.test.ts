import { describe, expect, it } from 'vitest';
import type { PithError } from '../../core/index.ts';
import { rejectionOf } from '../../testing/thrown.ts';
import { makeClass, makeJar, makeRunnable, MAIN_FILE } from '../../testing/jar.ts';
import { makeElf } from '../../testing/elf.ts';
import { type Content, makeProject } from '../fixtures.ts';
import { detectApplications } from '../detect.ts';
import { detect, placesOf } from './fixtures.ts';

const refusal = (...project: Parameters<typeof detect>): Promise<PithError> =>
  rejectionOf(detect(...project));

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('a Quarkus fast-jar', () => {
  const files = {
    'quarkus-run.jar': makeJar({ 'Main-Class': 'io.quarkus.bootstrap.runner.QuarkusEntryPoint' }),
    'quarkus/quarkus-application.dat': 'x',
    'quarkus/generated-bytecode.jar': makeJar({}),
    'app/demo.jar': makeJar(
      { 'Implementation-Title': 'demo' },
      { 'A.class': makeClass({ java: 21 }), 'application.properties': 'quarkus.http.port=8090' },
    ),
    'lib/main/vertx.jar': makeJar(
      {},
      { 'io/quarkus/vertx/http/runtime/VertxHttpRecorder.class': makeClass() },
    ),
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
    'build/install/demo/lib/demo.jar': makeRunnable(),
    'build/install/demo/lib/dep-1.jar': makeJar({}),
    'build/install/demo/conf/a.txt': '',
    'build/libs/demo.jar': makeRunnable(),
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
    'target/dependency/b.jar': makeJar({}),
    'target/dependency/a.jar': makeJar({}),
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

describe('a folder of classes without jars', () => {
  const main = makeClass({ name: 'com/example/App', hasMain: true, java: 17 });
  const other = makeClass({ name: 'com/example/B' });

  it.each(['', 'out/', 'classes/', 'build/classes/java/main/'])(
    'is what `javac -d` fills: %j',
    async (at) => {
      const app = await detect({
        [`${at}${MAIN_FILE}`]: main,
        [`${at}com/example/B.class`]: other,
        [`${at}log.xml`]: '',
      });
      expect(app.title).toBe('Java application (classes)');
      expect(app.config.entrypoint).toEqual(['/usr/bin/java', '-cp', '/app/classes', 'com.example.App']);
      expect(placesOf(app)).toEqual([
        'resources: /app/classes/log.xml',
        `application: /app/classes/${MAIN_FILE}`,
        'application: /app/classes/com/example/B.class',
      ]);
    },
  );

  it('has its jars in lib, and wherever the class is that was asked for', async () => {
    const files = { [`out/web/${MAIN_FILE}`]: main, 'out/lib/a.jar': makeJar({}), 'README.md': '' };
    const app = await detect(files, { main: `out/web/${MAIN_FILE}` });
    expect(placesOf(app)).toEqual(['dependencies: /app/lib/a.jar', `application: /app/classes/${MAIN_FILE}`]);
  });

  it('is none where the packages of its class are other folders, or none can be started', async () => {
    for (const files of [{ [`x/${MAIN_FILE}`]: main }, { [MAIN_FILE]: other }])
      expect(await detectApplications(makeProject(files), {})).toMatchObject([{ kind: 'files' }]);
  });

  it('of a project with a build file is what it needs only if somebody says so', async () => {
    const files = { 'pom.xml': '', [`target/classes/${MAIN_FILE}`]: main };
    expect((await refusal(files)).message).toContain('nothing that was built of it');
    expect((await detect(files, { kind: 'java' })).config.entrypoint.at(-1)).toBe('com.example.App');
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

  const without = (gone: string): Record<string, Content> =>
    Object.fromEntries(Object.entries(files).filter(([path]) => path !== gone));

  it('brings its own Java', async () => {
    const app = await detect(files);
    expect(app).toMatchObject({
      title: 'Java application with its own runtime (jlink)',
      config: {
        entrypoint: ['/app/bin/java', '-m', 'demo/com.example.App'],
        env: { LANG: 'C.UTF-8' },
      },
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
    expect(await refusal(without('bin/demo'))).toMatchObject({
      code: 'APP_INVALID',
      hint: matching(/jlink --launcher/),
    });
  });

  it('says that it has no certificates', async () => {
    expect((await detect(without('lib/security/cacerts'))).notes).toEqual([matching(/no keystore/)]);
  });
});
