import type { ZipArchive } from '../../archive/index.ts';
import { portOf, type ReadText, readSettings } from './settings.ts';

/** A framework with a server in it, as classes show it. */
interface Framework {
  readonly name: string;
  readonly ports: readonly string[];
}

const FRAMEWORKS = [
  { name: 'Spring Boot', shows: 'org/springframework/boot/web/server/WebServer.class', key: 'server.port' },
  {
    name: 'Micronaut',
    shows: 'io/micronaut/http/server/HttpServerConfiguration.class',
    key: 'micronaut.server.port',
  },
  {
    name: 'Quarkus',
    shows: 'io/quarkus/vertx/http/runtime/VertxHttpRecorder.class',
    key: 'quarkus.http.port',
  },
] as const;
/** The default of each of them. */
const PORT = 8080;

/**
 * The server framework that the jars of an application bring, and the ports that its settings name.
 * @param read text of the application's settings
 */
export async function frameworkOf(
  jars: readonly ZipArchive[],
  read: ReadText,
): Promise<Framework | undefined> {
  const found = FRAMEWORKS.find(({ shows }) => jars.some(({ members }) => members.has(shows)));
  if (!found) return undefined;
  const port = portOf(await readSettings(read), found.key, PORT);
  return { name: found.name, ports: port === undefined ? [] : [`${port}/tcp`] };
}
