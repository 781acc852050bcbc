import { invalid } from '../common/documents.ts';

/** A layer of Spring Boot: its name, and the members and folders (with `/` at the end) that are in it. */
interface IndexedLayer {
  readonly name: string;
  readonly contents: readonly string[];
}

const MAX_LAYERS = 32;
const NAME = /^- "([\w. -]{1,64})":$/;

/** Where Spring Boot puts members without an index of its own, as its build plugins do by default. */
const USUAL: readonly { readonly name: string; readonly holds: (member: string) => boolean }[] = [
  {
    name: 'dependencies',
    holds: (member) => /^(?:BOOT|WEB)-INF\/lib(?:-provided)?\/(?!.*SNAPSHOT)/.test(member),
  },
  { name: 'spring-boot-loader', holds: (member) => member.startsWith('org/springframework/boot/loader/') },
  { name: 'snapshot-dependencies', holds: (member) => /^(?:BOOT|WEB)-INF\/lib(?:-provided)?\//.test(member) },
  { name: 'application', holds: () => true },
];

/** Names of layers in their order, and the layer of a member. */
export interface LayerRule {
  readonly names: readonly string[];
  readonly layerOf: (member: string) => string;
}

/**
 * The layers of a Spring Boot archive (Spring Boot reference, "The Executable Jar Format", layers.idx).
 * @param index text of its layers index, if it has one
 * @throws PithError APP_INVALID for an index that Spring Boot could not read
 */
export function layerRule(index: string | undefined, what: string): LayerRule {
  if (index === undefined) {
    const names = USUAL.map(({ name }) => name);
    return { names, layerOf: (member) => USUAL.find(({ holds }) => holds(member))?.name ?? 'application' };
  }
  const layers = parseIndex(index, what);
  const last = layers.at(-1)?.name ?? 'application';
  const layerOf = (member: string): string =>
    layers.find(({ contents }) =>
      contents.some((one) => one === member || (one.endsWith('/') && member.startsWith(one))),
    )?.name ?? last;
  return { names: layers.map(({ name }) => name), layerOf };
}

function parseIndex(text: string, what: string): IndexedLayer[] {
  const layers: { name: string; contents: string[] }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const name = NAME.exec(line)?.[1];
    const content = /^ {2}- "(.+)"$/.exec(line)?.[1];
    if (name !== undefined) layers.push({ name, contents: [] });
    else if (content !== undefined && layers.length > 0) layers.at(-1)?.contents.push(content);
    else throw invalid(`${what}, line ${index + 1}: it is no line of a layers index`, 'Build the jar anew.');
  }
  const names = layers.map(({ name }) => name);
  if (names.length === 0 || names.length > MAX_LAYERS || new Set(names).size < names.length)
    throw invalid(`${what} names ${names.length} layers, or one twice`, 'Build the jar anew.');
  return layers;
}
