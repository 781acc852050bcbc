import { asApplication } from '../common/as-application.ts';
import { describe } from '../common/labels.ts';
import { type Jar } from './jar.ts';
import { attributeOf } from './manifest.ts';
import { readProperties } from './settings.ts';

const POM = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;
const MAX_POM = 64 << 10;

/** What a jar says of itself: its manifest, or what Maven left in it, if that is of one project only. */
export async function labelsOf(jar: Jar): Promise<Record<string, string>> {
  const { manifest } = jar;
  const pom = await readPom(jar);
  return describe({
    title: attributeOf(manifest, 'Implementation-Title') ?? pom.get('artifactId'),
    version: attributeOf(manifest, 'Implementation-Version') ?? pom.get('version'),
    url: attributeOf(manifest, 'Implementation-URL'),
  });
}

function readPom({ path, zip }: Jar): Promise<ReadonlyMap<string, string>> {
  return asApplication(path, async () => {
    const [name, ...others] = [...zip.members.keys()].filter((one) => POM.test(one));
    if (name === undefined || others.length > 0) return new Map();
    return readProperties(Buffer.from(await zip.read(name, MAX_POM)).toString('utf8'));
  });
}
