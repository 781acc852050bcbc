import { type Content, makeProject } from '../fixtures.ts';
import { detectJava } from '../java.ts';
import type { Application, AppRequest } from '../model.ts';

type Files = Readonly<Record<string, Content>>;

/** For tests: the Java application of a project that is one. */
export async function detect(files: Files, request: AppRequest = {}): Promise<Application> {
  const found = await detectJava(makeProject(files), request);
  if (!found) throw new Error('nothing was found');
  return found;
}

/** For tests: `layer: path in the image` of each file. */
export function placesOf({ layers }: Application): string[] {
  return layers.flatMap(({ name, files }) => [...files.keys()].map((path) => `${name}: ${path}`));
}
