import { describe, expect, it } from 'vitest';
import type { PithError } from '../core/index.ts';
import { rejectionOf } from '../testing/thrown.ts';
import { makeJar, makeRunnable } from '../testing/jar.ts';
import { makeZip } from '../testing/zip.ts';
import { type Content, makeProject } from './fixtures.ts';
import { detectJava } from './java.ts';
import { detect } from './java/fixtures.ts';
import type { AppRequest } from './model.ts';

const refusal = (...project: Parameters<typeof detect>): Promise<PithError> =>
  rejectionOf(detect(...project));

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

describe('which jar runs', () => {
  it.each<[string, Record<string, Content>, string]>([
    ['the built one', { 'pom.xml': '', 'target/a-1.jar': makeRunnable() }, 'a-1.jar'],
    [
      'not its sources',
      {
        'target/a.jar': makeRunnable(),
        'target/a-sources.jar': makeRunnable(),
        'target/original-a.jar': makeRunnable(),
      },
      'a.jar',
    ],
    [
      'not the plain one',
      { 'build/libs/a.jar': makeRunnable(), 'build/libs/a-plain.jar': makeRunnable() },
      'a.jar',
    ],
    [
      'that with its libraries',
      { 'target/a.jar': makeRunnable(), 'target/a-jar-with-dependencies.jar': makeRunnable() },
      'a-jar-with-dependencies.jar',
    ],
    [
      'that of the shadow plugin',
      { 'build/libs/a.jar': makeRunnable(), 'build/libs/a-all.jar': makeRunnable() },
      'a-all.jar',
    ],
    ['the only one with a main class', { 'a.jar': makeRunnable(), 'b.jar': makeJar({}) }, 'a.jar'],
    ['that of a module', { 'pom.xml': '', 'web/target/web.jar': makeRunnable() }, 'web.jar'],
  ])('%s', async (_what, files, name) => {
    expect((await detect(files)).config.entrypoint.at(-1)).toBe(`/app/${name}`);
  });

  it('is asked where several could', async () => {
    const files = { 'target/a.jar': makeRunnable(), 'target/b.jar': makeRunnable() };
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
    ['project of a library', { 'pom.xml': '', 'target/lib.jar': makeJar({}) }, {}, /spring-boot:repackage/],
    ['jar without a main class', { 'lib.jar': makeJar({}) }, { kind: 'java' }, /spring-boot:repackage/],
    ['war for a container', { 'a.war': makeJar({}, { 'WEB-INF/web.xml': '' }) }, {}, /embedded server/],
    [
      'jar that is asked for and not there',
      { 'a.jar': makeRunnable() },
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
    ['jar without its main class', { 'a.jar': makeJar({ 'Main-Class': 'A' }) }, {}, /Build it anew/],
  ])('is none: %s', async (_what, files, request, hint) => {
    expect(await refusal(files, request)).toMatchObject({ code: 'APP_INVALID', hint: matching(hint) });
  });

  it.each<[string, Record<string, Content>, AppRequest]>([
    ['another kind is wanted', { 'a.jar': makeRunnable() }, { kind: 'nodejs' }],
    ['a file of another kind is', { 'a.jar': makeRunnable(), 'server.js': '' }, { main: 'server.js' }],
    ['there is nothing of Java', { 'server.js': '' }, {}],
    ['there are libraries only, and no build file', { 'lib.jar': makeJar({}) }, {}],
    ['jars lie in node_modules', { 'node_modules/x/target/a.jar': makeRunnable() }, {}],
  ])('is not asked where %s', async (_what, files, request) => {
    expect(await detectJava(makeProject(files), request)).toBeUndefined();
  });
});
